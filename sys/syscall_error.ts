import { ERRNO, errnoName, errnoText } from "./errno.ts";

/** What a failed system call was about: the object in words, and the flags by name. */
export interface SyscallContext {
  /** What the call acted on: `overlay on /`, `/proc/sys/kernel/shmmax = 64`. */
  readonly object?: string;
  /** Decoded flags: `MS_NODEV|MS_NOSUID`. */
  readonly flags?: string;
}

/** A system call that failed: `mount overlay on / (MS_NODEV): EBUSY, device or resource busy`. */
export class SyscallError extends Error {
  override readonly name = "SyscallError";
  readonly call: string;
  readonly errno: number;

  constructor(call: string, errno: number, { object, flags }: SyscallContext = {}) {
    const what = [call, object, flags ? `(${flags})` : undefined].filter(Boolean).join(" ");
    super(`${what}: ${errnoName(errno)}, ${errnoText(errno)}`);
    this.call = call;
    this.errno = errno;
  }
}

/** Whether `error` is a system call that failed with one of the `names` (`isErrno(e, "ENOENT", "ENOTDIR")`). */
export function isErrno(error: unknown, ...names: (keyof typeof ERRNO)[]): boolean {
  return error instanceof SyscallError && names.some((name) => ERRNO[name] === error.errno);
}
