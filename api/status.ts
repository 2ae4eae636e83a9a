/** The one place where the class of an error becomes an HTTP status. */
import { describeError, EngineError, type ErrorClass, errorClass } from "../base/errors.ts";
import { SyscallError } from "../sys/syscall_error.ts";

/** As dockerd has them (errdefs to status), except that `unavailable` is told apart from `internal`. */
export const STATUS: Readonly<Record<ErrorClass, number>> = {
  not_modified: 304,
  invalid: 400,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  internal: 500,
  unimplemented: 501,
  unavailable: 503,
};

/** What an error is to the client, and what the log should say about it (nothing, if the client's fault). */
export interface Failure {
  readonly status: number;
  readonly message: string;
  readonly log?: string;
}

/** Status and message of anything thrown; an error without a class is a bug and is logged with its stack. */
export function failure(error: unknown): Failure {
  const status = STATUS[errorClass(error)];
  const message = describeError(error);
  if (isClassed(error)) return status === 500 ? { status, message, log: message } : { status, message };
  const stack = error instanceof Error ? error.stack ?? message : message;
  return { status, message, log: `bug: an error without a class: ${stack}` };
}

function isClassed(error: unknown): boolean {
  for (let e = error; e instanceof Error; e = e.cause) {
    if (e instanceof EngineError || e instanceof SyscallError) return true;
  }
  return false;
}
