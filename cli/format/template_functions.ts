/** The functions of docker's templates: Go's own, and `json`, `join`, `split`, `lower`, `upper`, `title`, `pad`, `truncate`. */
import { invalid } from "../../base/errors.ts";
import { printf } from "./go_printf.ts";
import { json, printed, typeName } from "./go_value.ts";

export interface TemplateFunction {
  /** Types of the arguments; a last one with `...` may be there any number of times. */
  readonly params: readonly ("any" | "string" | "int" | "any..." | "int...")[];
  /** Throws `invalid` with what is wrong. */
  run(...args: readonly unknown[]): unknown;
}

export type FunctionTable = Readonly<Record<string, TemplateFunction>>;

type Text = (text: string) => string;
const onText = (run: Text): TemplateFunction => ({ params: ["string"], run: (text) => run(String(text)) });
const ordered = (holds: (order: number) => boolean): TemplateFunction => ({
  params: ["any", "any"],
  run: (a, b) => holds(compared(a, b)),
});

/** `and` and `or` are not here: they do not evaluate what they need not (template.ts). */
export const templateFunctions: FunctionTable = {
  json: { params: ["any"], run: json },
  join: { params: ["any", "string"], run: (items, separator) => join(items, String(separator)) },
  split: { params: ["string", "string"], run: (text, separator) => String(text).split(String(separator)) },
  lower: onText((text) => text.toLowerCase()),
  upper: onText((text) => text.toUpperCase()),
  title: onText((text) => text.replace(/(?<![\p{L}\p{N}_'])\p{L}/gu, (letter) => letter.toUpperCase())),
  pad: {
    params: ["string", "int", "int"],
    run: (text, before, after) => text === "" ? "" : " ".repeat(Number(before)) + text + " ".repeat(Number(after)),
  },
  truncate: { params: ["string", "int"], run: (text, length) => String(text).slice(0, Number(length)) },
  not: { params: ["any"], run: (value) => !value || (Array.isArray(value) && value.length === 0) },
  len: { params: ["any"], run: length },
  index: { params: ["any", "any..."], run: (value, ...keys) => keys.reduce(indexed, value) },
  slice: { params: ["any", "int..."], run: (value, from, to) => sliced(value, from, to) },
  print: { params: ["any..."], run: print },
  println: { params: ["any..."], run: (...values) => values.map(printed).join(" ") + "\n" },
  printf: { params: ["string", "any..."], run: (format, ...values) => printf(String(format), values) },
  eq: {
    params: ["any", "any..."],
    run: (first, ...others) => {
      if (others.length === 0) throw invalid("missing argument for comparison");
      return others.some((other) => same(first, other));
    },
  },
  ne: { params: ["any", "any"], run: (a, b) => !same(a, b) },
  lt: ordered((order) => order < 0),
  le: ordered((order) => order <= 0),
  gt: ordered((order) => order > 0),
  ge: ordered((order) => order >= 0),
};

/** In the header of a table a column keeps its title, whatever is done to its values. */
export const headerFunctions: FunctionTable = {
  ...templateFunctions,
  ...Object.fromEntries(
    ["json", "join", "split", "lower", "upper", "title", "truncate"].map((name): [string, TemplateFunction] => [
      name,
      { params: ["any", "any..."], run: (title) => title },
    ]),
  ),
};

function join(items: unknown, separator: string): string {
  if (items === null || items === undefined) return "";
  if (Array.isArray(items)) return items.map(printed).join(separator);
  if (items instanceof Map) return [...items.values()].map(printed).sort().join(separator);
  throw invalid(`expected slice, got ${typeName(items)}`);
}

function length(value: unknown): number {
  if (typeof value === "string") return new TextEncoder().encode(value).length;
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  if (value === null || value === undefined) throw invalid("len of nil pointer");
  if (typeof value === "object") return Object.keys(value).length;
  throw invalid(`len of type ${typeName(value)}`);
}

function indexed(value: unknown, key: unknown): unknown {
  if (value === null || value === undefined) throw invalid("index of untyped nil");
  if (Array.isArray(value) || typeof value === "string") {
    if (typeof key !== "number") throw invalid(`cannot index slice/array with type ${typeName(key)}`);
    if (key < 0 || key >= value.length) throw invalid(`index out of range: ${key}`);
    return typeof value === "string" ? value.charCodeAt(key) : value[key];
  }
  if (typeof value !== "object") throw invalid(`can't index item of type ${typeName(value)}`);
  if (typeof key !== "string") throw invalid(`value has type ${typeName(key)}; should be string`);
  if (value instanceof Map) {
    // A map of strings has the empty string for what it has not.
    return value.has(key) ? value.get(key) : [...value.values()].every((v) => typeof v === "string") ? "" : undefined;
  }
  return Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

function sliced(value: unknown, from: unknown, to: unknown): unknown {
  if (typeof value !== "string" && !Array.isArray(value)) throw invalid(`can't slice item of type ${typeName(value)}`);
  const [start, end] = [Number(from ?? 0), Number(to ?? value.length)];
  for (const bound of [start, end]) {
    if (bound < 0 || bound > value.length) throw invalid(`index out of range: ${bound}`);
  }
  if (start > end) throw invalid(`invalid slice index: ${start} > ${end}`);
  return value.slice(start, end);
}

/** Go's `Sprint`: a space only between two values that are both no strings. */
function print(...values: readonly unknown[]): string {
  return values.reduce<string>((text, value, i) => {
    const apart = i > 0 && typeof value !== "string" && typeof values[i - 1] !== "string";
    return text + (apart ? " " : "") + printed(value);
  }, "");
}

function same(a: unknown, b: unknown): boolean {
  const nil = (value: unknown) => value === null || value === undefined;
  if (nil(a) || nil(b)) return nil(a) && nil(b);
  if (typeof a !== typeof b) throw invalid("incompatible types for comparison");
  if (typeof a === "object") throw invalid("non-comparable types");
  return a === b;
}

function compared(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : a > b ? 1 : 0;
  throw invalid(typeof a === typeof b ? "invalid type for comparison" : "incompatible types for comparison");
}

/** What is wrong with the number of arguments, in Go's words. */
export function wrongNumber(name: string, { params }: TemplateFunction, given: number): string | undefined {
  const variadic = params.at(-1)?.endsWith("...") ?? false;
  const least = variadic ? params.length - 1 : params.length;
  if (given === least || (variadic && given > least)) return undefined;
  return `wrong number of args for ${name}: want ${variadic ? `at least ${least}` : least} got ${given}`;
}

/** What is wrong with the type of an argument, in Go's words. */
export function wrongType({ params }: TemplateFunction, position: number, arg: unknown): string | undefined {
  const type = (params[position] ?? params.at(-1) ?? "any").replace("...", "");
  const right = type === "any" || (type === "string" ? typeof arg === "string" : Number.isInteger(arg));
  return right ? undefined : `wrong type for value; expected ${type}; got ${typeName(arg)}`;
}
