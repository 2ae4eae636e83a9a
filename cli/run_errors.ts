/** How `run` and `create` fail: docker's form of the message, and its exit codes. */
import { errorText } from "./error_text.ts";
import { UsageError } from "./usage_error.ts";

/** Not found or not executable is told apart by the engine's sentence, as docker's CLI does it. */
const codes: readonly (readonly [RegExp, number])[] = [
  [/executable file not found|no such file or directory/i, 127],
  [/permission denied|is a directory/i, 126],
];

/** The container could not be created: 125. */
export function creationFailure(error: unknown): UsageError {
  return error instanceof UsageError ? error : new UsageError(sentence(errorText(error)));
}

/** The container's command could not be started: 127, 126 or 125. */
export function startFailure(error: unknown): UsageError {
  const text = errorText(error);
  const code = codes.find(([pattern]) => pattern.test(text))?.[1] ?? 125;
  return new UsageError(sentence(text), code, true);
}

/** Some of the engine's sentences end with a full stop, some do not. */
const sentence = (text: string) => `sauropod: ${text.replace(/\.$/, "")}.`;
