/** `--security-opt`: what the caller's files say is put into the request, for the engine may not see them. */
import { invalid } from "../../base/errors.ts";

export interface Security {
  readonly options: string[];
  /** `systempaths=unconfined`: nothing of /proc and /sys is hidden. */
  readonly systemPaths: boolean;
}

export function parseSecurity(given: readonly string[]): Security {
  const options = given.map(parseOption);
  const kept = options.filter((option) => option !== "systempaths=unconfined");
  return { options: kept, systemPaths: kept.length < options.length };
}

function parseOption(text: string): string {
  if (text === "no-new-privileges" || text.startsWith("no-new-privileges=") || text.startsWith("no-new-privileges:")) {
    return text;
  }
  const [, name, value = ""] = /^([^=:]+)[=:](.*)$/s.exec(text) ?? [];
  if (name === undefined) throw invalid(`Invalid --security-opt: ${JSON.stringify(text)}`);
  if (name !== "seccomp" || value === "unconfined" || value === "builtin" || value === "default") {
    return `${name}=${value}`;
  }
  return `seccomp=${profile(value)}`;
}

function profile(path: string): string {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound ? "no such file or directory" : String(error);
    throw invalid(`opening seccomp profile (${path}) failed: open ${path}: ${why}`);
  }
  try {
    return JSON.stringify(JSON.parse(text));
  } catch (error) {
    throw invalid(`compacting json for seccomp profile (${path}) failed`, { cause: error });
  }
}
