import { describeError, EngineError, internal, invalid, unavailable } from "../base/errors.ts";
import { isErrno } from "../sys/syscall_error.ts";

/** What went wrong with the tar entry `name`, classed: no space, a fault of the disk, or an entry that cannot be. */
export function unpackError(name: string, cause: unknown): EngineError {
  const message = `tar entry ${name}: ${describeError(cause)}`;
  if (cause instanceof EngineError && cause.class === "conflict") return cause;
  if (isErrno(cause, "ENOSPC", "EDQUOT")) return unavailable(message, { cause });
  const disk = isErrno(cause, "EIO", "EROFS", "EMFILE", "ENFILE", "ENOMEM", "EACCES", "EPERM");
  return disk ? internal(message, { cause }) : invalid(message, { cause });
}
