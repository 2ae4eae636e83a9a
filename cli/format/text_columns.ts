/** Columns of text as Go's text/tabwriter sets them. */

export interface ColumnOptions {
  /** A column is at least so wide, its padding included. */
  readonly minWidth: number;
  /** Spaces after the longest cell. */
  readonly padding: number;
}

/**
 * Aligns cells that end in a tab. A column reaches over consecutive lines that have it; what follows the last tab of a
 * line belongs to no column.
 */
export function alignColumns(text: string, options: ColumnOptions): string {
  const lines = text.split("\n").map((line) => line.split("\t"));
  const widths = lines.map((): number[] => []);
  setWidths(lines, widths, 0, lines.length, 0, options);
  return lines.map((cells, i) =>
    cells.map((cell, column) => {
      if (column === cells.length - 1) return cell;
      return cell + " ".repeat(Math.max(0, (widths[i]?.[column] ?? 0) - displayWidth(cell)));
    }).join("")
  ).join("\n");
}

/** Each run of lines from `start` to `end` that has the column gets its width, and then those right of it. */
function setWidths(
  lines: readonly string[][],
  widths: readonly number[][],
  start: number,
  end: number,
  column: number,
  options: ColumnOptions,
): void {
  const has = (line: number) => (lines[line]?.length ?? 0) > column + 1;
  for (let first = start; first < end; first++) {
    if (!has(first)) continue;
    let last = first;
    let width = options.minWidth;
    for (; last < end && has(last); last++) {
      width = Math.max(width, displayWidth(lines[last]?.[column] ?? "") + options.padding);
    }
    for (let line = first; line < last; line++) widths[line]?.push(width);
    setWidths(lines, widths, first, last, column + 1, options);
    first = last;
  }
}

// East Asian wide and fullwidth characters and emoji (Unicode Standard Annex 11) take two places of a terminal.
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;

const ascii = /^[\x20-\x7e]*$/;

/** How many places of a terminal a text takes. */
export function displayWidth(text: string): number {
  if (ascii.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += wide.test(character) ? 2 : 1;
  return width;
}

/** A text cut to so many places, the last of them `…`, if it is longer. */
export function ellipsis(text: string, places: number): string {
  if (displayWidth(text) <= places) return text;
  let cut = "";
  let width = 0;
  for (const character of text) {
    width += displayWidth(character);
    if (width > places - 1) break;
    cut += character;
  }
  return `${cut}…`;
}
