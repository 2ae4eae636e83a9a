/** What `--format` makes of a list: a table with a header, JSON lines, or a template for each row. */
import { describeError, invalid } from "../../base/errors.ts";
import { Template } from "./template.ts";
import { headerFunctions } from "./template_functions.ts";
import { alignColumns } from "./text_columns.ts";

/** Fields of a row by name, in the order of their names; a function is a method that takes arguments. */
export type Row = Readonly<Record<string, unknown>>;

export interface ListView {
  /** What an error calls a row. */
  readonly typeName: string;
  /** Titles of the fields. */
  readonly headers: Readonly<Record<string, string>>;
  /** The template of `--format table` and of no format. */
  readonly table: string;
  /** The template of `-q`. */
  readonly quiet?: string;
  /** The template of `-q --format raw`. */
  readonly quietRaw?: string;
  /** The template of `--format raw`. */
  readonly raw?: string;
}

export const formatHelp = `Format output using a custom template:
'table':            Print output in table format with column headers (default)
'table TEMPLATE':   Print output in table format using the given Go template
'json':             Print in JSON format
'TEMPLATE':         Print output using the given Go template`;

/**
 * The text of a list. `format` is what the user gave: empty, `table`, `raw`, `json`, `table TEMPLATE` or TEMPLATE.
 * @throws `invalid` with docker's words for a bad template.
 */
export function formatList(view: ListView, format: string, quiet: boolean, rows: Iterable<Row>): string {
  const chosen = chooseFormat(view, format, quiet);
  const isTable = chosen.startsWith("table");
  try {
    const template = new Template(templateText(chosen));
    const lines = Array.from(rows, (row) => template.execute(row, { typeName: view.typeName }) + "\n").join("");
    if (!isTable) return lines;
    return alignColumns(`${header(template, view)}\n${lines}`, { minWidth: 10, padding: 3 });
  } catch (error) {
    throw templateFailure(error);
  }
}

/** Docker's sentence for a template that is wrong. */
export function templateFailure(error: unknown): Error {
  return invalid(`template parsing error: ${describeError(error)}`);
}

/** Whether a format shows a field: some are so costly that the engine is asked for them only then. */
export function showsField(format: string, field: string): boolean {
  return format === "json" || new RegExp(`\\.${field}\\b|json \\.(?!\\w)`).test(format);
}

function chooseFormat(view: ListView, format: string, quiet: boolean): string {
  const table = format === "" || format === "table";
  if (quiet && view.quiet !== undefined) return format === "raw" ? view.quietRaw ?? view.quiet : view.quiet;
  if (table) return view.table;
  return format === "raw" ? view.raw ?? format : format;
}

/** `\t` and `\n` stand for themselves in a format, since few shells write them. */
function templateText(format: string): string {
  if (format === "json") return "{{json .}}";
  return format.replace(/^table/, "").replace(/^ +| +$/g, "").replaceAll("\\t", "\t").replaceAll("\\n", "\n");
}

function header(template: Template, view: ListView): string {
  const fields = new Map<string, unknown>(Object.entries(view.headers));
  // The column of a label is called by the last part of the label's name.
  fields.set("Label", (name: string) => name.split(".").at(-1)?.replace(/[-_]/g, " ") ?? "");
  return template.execute(fields, { functions: headerFunctions });
}
