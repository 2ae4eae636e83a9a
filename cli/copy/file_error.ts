import { EngineError, type ErrorClass } from "../../base/errors.ts";

const classes: Readonly<Record<string, ErrorClass>> = {
  ENOENT: "not_found",
  EACCES: "forbidden",
  EPERM: "forbidden",
  EROFS: "forbidden",
  ENOSPC: "unavailable",
  EDQUOT: "unavailable",
  EIO: "unavailable",
};

/** Calls Deno; a failure is told as docker's CLI does, and by the name that the user knows: `open /x: permission denied`. */
export function attempt<T>(call: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fileError(call, path, error);
  }
}

/** The same, and undefined where there is nothing. */
export function attemptIfThere<T>(call: string, path: string, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw fileError(call, path, error);
  }
}

/** What Deno has thrown, as an error with a class; others stay as they are. */
export function fileError(call: string, path: string, error: unknown): unknown {
  // Deno says `Permission denied (os error 13): open '/proc/self/fd/7/x'`.
  const [, reason] = error instanceof Error ? /^(.*?) \(os error \d+\)/.exec(error.message) ?? [] : [];
  if (reason === undefined) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const text = `${call} ${path}: ${reason.slice(0, 1).toLowerCase()}${reason.slice(1)}`;
  return new EngineError(classes[code] ?? "invalid", text);
}
