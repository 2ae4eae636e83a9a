/**
 * Values as Go's text/template and fmt show them. A plain object is a struct, a `Map` is a map; null is a nil pointer,
 * undefined is what a map has for a key that it does not have.
 */

/** Go's `%v`: `[a b]`, `map[k:v]`, `{a b}`, `<nil>`. */
export function printed(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (typeof value === "string") return value;
  if (typeof value === "number") return number(value);
  if (Array.isArray(value)) return `[${value.map(printed).join(" ")}]`;
  if (value instanceof Map) return `map[${sorted(value).map(([k, v]) => `${k}:${printed(v)}`).join(" ")}]`;
  if (typeof value === "object") return `{${Object.values(value).filter(isNoMethod).map(printed).join(" ")}}`;
  return String(value);
}

/** JSON in one line, without escaping `<`, `>` and `&`; maps by their sorted keys. */
export function json(value: unknown): string {
  return JSON.stringify(value, (_, part) => part instanceof Map ? Object.fromEntries(sorted(part)) : part) ?? "null";
}

/** Whether a value counts as true in `if` and `with`: not false, 0, nil, or empty. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return Boolean(value);
}

/** The entries of a map, sorted by key as Go's templates and printer visit them. */
export function sorted(map: ReadonlyMap<unknown, unknown>): [string, unknown][] {
  return [...map].map(([key, value]): [string, unknown] => [String(key), value])
    .sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0);
}

/** What Go calls the type of such a value, in errors and for `%T`. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float64";
  if (Array.isArray(value)) return value.every((item) => typeof item === "string") ? "[]string" : "[]interface {}";
  if (typeof value === "object") return "map[string]interface {}";
  return typeof value;
}

/** The sets behind `\p{…}` cost a millisecond to build; most texts are ASCII, or are where an ellipsis cut them. */
const plain = /^[\x20-\x7e…]*$/;

/** A string in double quotes with Go's escapes (`strconv.Quote`). */
export function quoted(text: string): string {
  const unprintable = plain.test(text) ? /["\\]/g : /["\\\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;
  const body = text.replace(unprintable, (character) => {
    const short = shortEscapes[character];
    if (short !== undefined) return short;
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code <= 0xffff ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
  });
  return `"${body}"`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

function isNoMethod(value: unknown): boolean {
  return typeof value !== "function";
}

/** Whole numbers in full, others with an exponent when it is below -4 or above 20, as Go has it. */
function number(value: number): string {
  if (Number.isInteger(value)) return BigInt(value).toString();
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const text = Math.abs(value) < 1e-4 ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}
