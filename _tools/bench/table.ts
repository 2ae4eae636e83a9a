/** The result for people: a table in plain columns, or the same in Markdown for README. */
import { type BenchResult, median, ratio, type RowResult } from "./result.ts";

/** Rows of cells, the head first. */
function cells({ peers, rows }: BenchResult): string[][] {
  const others = peers.filter(({ name }) => name !== "sauropod" && name !== "by docker");
  const ours = peers.some(({ name }) => name === "sauropod");
  const engines = peers.some(({ name }) => name === "by docker") && peers.some(({ name }) => name === "docker");
  const head = [
    "",
    ...peers.map(({ name }) => name),
    ...(ours ? others.map(({ name }) => `against ${name}`) : []),
    ...(engines ? ["by docker, against docker"] : []),
  ];
  return [
    head,
    ...rows.filter(isMeasured).map((row) => [
      row.title,
      ...peers.map(({ name }) => figure(median(row.samples[name] ?? []), row.unit)),
      ...(ours ? others.map(({ name }) => times(row, "sauropod", name)) : []),
      ...(engines ? [times(row, "by docker", "docker")] : []),
    ]),
  ];
}

function figure(value: number | undefined, unit: string): string {
  if (value === undefined) return "–";
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`;
}

type PeerOf = keyof RowResult["samples"];

function times({ samples, better }: RowResult, one: PeerOf, other: PeerOf): string {
  const [ours, theirs] = [median(samples[one] ?? []), median(samples[other] ?? [])];
  if (ours === undefined || theirs === undefined || ours <= 0 || theirs <= 0) return "–";
  return `${ratio(ours, theirs, better).toFixed(1)} ×`;
}

/** In columns, with the machine above and what is missing below. */
export function textTable(result: BenchResult): string {
  const table = cells(result);
  const width = (column: number) => Math.max(...table.map((row) => row[column]?.length ?? 0));
  const lines = table.map((row) =>
    row.map((cell, column) => column === 0 ? cell.padEnd(width(0)) : cell.padStart(width(column))).join("  ").trimEnd()
  );
  return [...heading(result), "", ...lines, "", ...notes(result)].join("\n").trimEnd() + "\n";
}

export function markdownTable(result: BenchResult): string {
  const [head = [], ...rows] = cells(result);
  const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
  const table = [
    line(head),
    `|${head.map((_, column) => column === 0 ? "---" : "---:").join("|")}|`,
    ...rows.map(line),
  ];
  const remarks = notes(result);
  return [heading(result).join("  \n"), "", ...table, ...(remarks.length > 0 ? ["", remarks.join("  \n")] : [])]
    .join("\n") + "\n";
}

function heading({ machine, date, peers, scale }: BenchResult): string[] {
  const versions = peers.map(({ name, version }) => `${name} ${version}`).join(", ");
  const reduced = scale === 1 ? [] : [`Counts divided by ${scale}: for trying the bench out, not for comparing.`];
  return [`${date}, ${machine}.`, `Medians of ${versions}; measured in turns.`, ...reduced];
}

function isMeasured({ samples }: RowResult): boolean {
  return Object.values(samples).some((figures) => figures.length > 0);
}

/** Which rows and figures are missing, and why; each reason once. */
function notes({ rows }: BenchResult): string[] {
  const missing = new Map<string, Set<string>>();
  for (const row of rows) {
    for (const [peer, reason] of Object.entries(row.without)) {
      const what = isMeasured(row) ? peer : row.title;
      missing.set(reason, (missing.get(reason) ?? new Set()).add(what));
    }
  }
  return Array.from(missing, ([reason, what]) => `–, ${[...what].join(", ")}: ${reason}.`);
}
