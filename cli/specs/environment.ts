/** `-e`, `--env-file`, `-l`, `--label-file` (docker/cli, opts/file.go and opts/parse.go). */
import { invalid } from "../../base/errors.ts";

type Lookup = (name: string) => string | undefined;

export function checkEnvironment(text: string): void {
  if (text === "" || text.startsWith("=")) throw invalid(`invalid environment variable: ${text}`);
}

/** Files first, for the last of a name wins. A name alone takes the value that the caller's environment has. */
export function readEnvironment(files: readonly string[], given: readonly string[], env: Lookup): string[] {
  const fromFiles = files.flatMap((path) => keyValueLines(path, "environment", env));
  const all = [...fromFiles, ...given.map((text) => withValue(text, env) ?? text)];
  return [...new Map(all.map((text) => [text.split("=", 1)[0], text])).values()];
}

/** Labels from files and flags; a key alone has an empty value, but in a file it is passed over, as docker does. */
export function readLabels(files: readonly string[], given: readonly string[]): Record<string, string> {
  return keyValues([...files.flatMap((path) => keyValueLines(path, "label", () => undefined)), ...given]);
}

/** `a=b` and `a` as a map. */
export function keyValues(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text) => {
    const equals = text.indexOf("=");
    return equals < 0 ? [text, ""] : [text.slice(0, equals), text.slice(equals + 1)];
  }));
}

function keyValueLines(path: string, kind: string, env: Lookup): string[] {
  const found: string[] = [];
  for (const raw of readFile(path).replace(/^\uFEFF/, "").split(/\r?\n/)) {
    const line = raw.trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const [name = ""] = line.split("=", 1);
    if (name === "") throw invalid(`no variable name on line '${line}'`);
    if (/\s/.test(name)) throw invalid(`poorly formatted ${kind}: variable '${name}' contains whitespaces`);
    const value = withValue(line, env);
    if (value !== undefined) found.push(value);
  }
  return found;
}

function withValue(text: string, env: Lookup): string | undefined {
  if (text.includes("=")) return text;
  const value = env(text);
  return value === undefined ? undefined : `${text}=${value}`;
}

function readFile(path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Deno.readFileSync(path));
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) throw invalid(`open ${path}: no such file or directory`);
    if (cause instanceof TypeError) throw invalid(`${path} is not UTF-8 text`, { cause });
    throw invalid(`open ${path}`, { cause });
  }
}
