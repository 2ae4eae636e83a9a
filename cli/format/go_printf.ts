import { json, printed, quoted, typeName } from "./go_value.ts";

/** Go's `fmt.Sprintf` for the verbs that templates use: `%v %s %d %q %t %f %g %e %x %X %o %b %c %T %%`, width, precision. */
export function printf(format: string, args: readonly unknown[]): string {
  let used = 0;
  const text = format.replace(
    /%([-+# 0]*)(\d+|\*)?(?:\.(\d*|\*))?([a-zA-Z%]|$)/g,
    (_, flags: string, width: string | undefined, precision: string | undefined, verb: string) => {
      if (verb === "%") return "%";
      if (verb === "") return "%!(NOVERB)";
      const columns = width === "*" ? Number(args[used++]) : Number(width ?? 0);
      const digits = precision === "*" ? Number(args[used++]) : precision === undefined ? undefined : Number(precision);
      if (used >= args.length) return `%!${verb}(MISSING)`;
      return padded(formatted(verb, flags, digits, args[used++]), flags, columns);
    },
  );
  if (used >= args.length) return text;
  const extra = args.slice(used).map((arg) => `${typeName(arg)}=${printed(arg)}`).join(", ");
  return `${text}%!(EXTRA ${extra})`;
}

function formatted(verb: string, flags: string, digits: number | undefined, value: unknown): string {
  const wrong = `%!${verb}(${
    value === undefined || value === null ? "<nil>" : `${typeName(value)}=${printed(value)}`
  })`;
  const number = typeof value === "number" ? value : undefined;
  const signed = (text: string) => flags.includes("+") && !text.startsWith("-") ? `+${text}` : text;
  switch (verb) {
    case "v":
      return flags.includes("#") && typeof value === "string" ? quoted(value) : printed(value);
    case "s":
      if (number !== undefined || typeof value === "boolean") return wrong;
      return digits === undefined ? printed(value) : [...printed(value)].slice(0, digits).join("");
    case "q":
      return typeof value === "string" ? quoted(value) : Array.isArray(value) ? quotedList(value) : wrong;
    case "t":
      return typeof value === "boolean" ? String(value) : wrong;
    case "T":
      return typeName(value);
    case "c":
      return number === undefined ? wrong : String.fromCodePoint(number);
    case "f":
      return number === undefined ? wrong : signed(number.toFixed(digits ?? 6));
    case "g":
      return number === undefined
        ? wrong
        : signed(digits === undefined ? printed(number) : `${Number(number.toPrecision(digits || 1))}`);
    case "e":
      return number === undefined ? wrong : signed(number.toExponential(digits ?? 6).replace(/e([+-])(\d)$/, "e$10$2"));
    case "x":
    case "X": {
      const text = typeof value === "string" ? new TextEncoder().encode(value).toHex() : number?.toString(16);
      return text === undefined ? wrong : verb === "X" ? text.toUpperCase() : text;
    }
  }
  const base = { d: 10, o: 8, b: 2 }[verb];
  return base === undefined || number === undefined || !Number.isInteger(number)
    ? wrong
    : signed(number.toString(base));
}

function quotedList(value: readonly unknown[]): string {
  return `[${value.map((item) => typeof item === "string" ? quoted(item) : json(item)).join(" ")}]`;
}

function padded(text: string, flags: string, columns: number): string {
  const missing = Math.abs(columns) - [...text].length;
  if (missing <= 0) return text;
  if (flags.includes("-") || columns < 0) return text + " ".repeat(missing);
  if (!flags.includes("0")) return " ".repeat(missing) + text;
  return text.replace(/^[+-]?/, (sign) => sign + "0".repeat(missing));
}
