/**
 * Go's reading of JSON in valibot: names match whatever their case, unknown ones are ignored, null means "not given",
 * and a wrong type is named by its Go type. The message of each schema here *is* that Go type.
 */
import * as v from "valibot";
import { invalid } from "../base/errors.ts";

export const text = v.string("string");
export const bool = v.boolean("bool");
export const int = v.pipe(v.number("int64"), v.integer("int64"));
export const uint16 = v.pipe(
  v.number("uint16"),
  v.integer("uint16"),
  v.minValue(0, "uint16"),
  v.maxValue(65535, "uint16"),
);
export const texts = v.array(text, "[]string");
/** A list, or a text that stands for a list of one (Docker's strslice). */
export const command = v.union([texts, v.pipe(text, v.transform((one) => [one]))], "[]string");
/** Height and width of a terminal. */
export const consoleSize = v.tuple([v.pipe(int, v.minValue(0, "uint")), v.pipe(int, v.minValue(0, "uint"))], "[2]uint");
export const emptyObjects = map(v.pipe(v.unknown(), v.transform((): Record<string, never> => ({}))));
export const labels = map(text, "");
export const anything = v.custom<Record<string, unknown>>(isObject, "object");

const COMPOSITE = "struct";

/** A struct: every field may be left out. */
export function shape<const E extends Record<string, v.GenericSchema>>(entries: E) {
  const names = new Map(Object.keys(entries).map((name) => [name.toLowerCase(), name]));
  const optional = Object.fromEntries(
    Object.entries(entries).map(([name, schema]) => [name, v.exactOptional(schema)]),
  ) as { [K in keyof E]: v.ExactOptionalSchema<E[K], undefined> };
  return v.pipe(
    v.custom<Record<string, unknown>>(isObject, COMPOSITE),
    // `never` because what is inside is checked by the next step
    v.transform((given) => canonical(given, names) as never),
    v.object(optional),
  );
}

/** A map with values of one kind; null in it is `absent`, or the name is left out. */
export function map<const S extends v.GenericSchema>(values: S, absent?: v.InferInput<S>) {
  return v.pipe(
    v.custom<Record<string, unknown>>(isObject, "map[string]"),
    v.transform((given) =>
      Object.fromEntries(
        Object.entries(given).map(([name, value]) => [name, value ?? absent]).filter(([, value]) =>
          value !== undefined
        ),
      ) as never
    ),
    v.record(v.string(), values),
  );
}

function canonical(given: Record<string, unknown>, names: ReadonlyMap<string, string>): Record<string, unknown> {
  const known: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const ours = names.get(name.toLowerCase());
    if (ours !== undefined && value !== null) known[ours] = value;
  }
  return known;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The value in the shape of `schema`; `root` is the Go struct that the message names.
 * @throws `invalid` with the sentence of Go's decoder, which Docker's clients show.
 */
export function parseShape<const S extends v.GenericSchema>(schema: S, value: unknown, root: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = (issue.path ?? []).map((item) => item.key).filter((key) => typeof key === "string");
  const field = path.length === 0 ? "Go value" : `Go struct field ${[root, ...path].join(".")}`;
  throw invalid(
    `invalid JSON: json: cannot unmarshal ${kindOf(issue.input, issue.message)} into ${field} of type ${issue.message}`,
  );
}

function kindOf(value: unknown, wanted: string): string {
  if (typeof value === "number") return /int/.test(wanted) ? `number ${value}` : "number";
  if (typeof value === "boolean") return "bool";
  return Array.isArray(value) ? "array" : typeof value;
}
