import { ResponseError } from "../api/client/error_of_status.ts";
import { describeError } from "../base/errors.ts";

/** An error as the CLI tells it: what the engine has answered is marked as such. */
export function errorText(error: unknown): string {
  const text = describeError(error);
  return error instanceof ResponseError ? `Error response from engine: ${text}` : text;
}
