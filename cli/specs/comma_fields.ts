/** The fields of a line with commas between them; one in quotes may hold commas, and quotes doubled (RFC 4180). */
export function commaFields(line: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at <= line.length;) {
    const [all = "", quoted, plain = ""] = /^(?:"((?:[^"]|"")*)"|([^,]*))/.exec(line.slice(at)) ?? [];
    fields.push(quoted?.replaceAll('""', '"') ?? plain);
    at += all.length + 1;
  }
  return fields;
}

/** The values of a flag that may be repeated and may hold several values each (pflag's StringSlice). */
export function commaValues(given: readonly string[]): string[] {
  return given.flatMap((text) => text === "" ? [] : commaFields(text));
}
