import { ERRNO } from "./errno.ts";
import { Fd } from "./fd.ts";
import { listDirectory } from "./directory.ts";
import { invoke, lastErrno, libc, SYS } from "./libc.ts";
import { O, open } from "./open.ts";
import { SyscallError } from "./syscall_error.ts";

export const F_SETFD = 2;
export const FD_CLOEXEC = 1;
export const CLOSE_RANGE_CLOEXEC = 4;
const LAST = 0xffff_ffff;

/**
 * Marks every descriptor from `first` on close-on-exec. The engine opens all of its own so, but a shell or a supervisor
 * may have left it others, and those too must end with it.
 */
export function closeOthersOnExec(first: number): void {
  if (libc().close_range(SYS.close_range, first, LAST, CLOSE_RANGE_CLOEXEC) === 0) return;
  const errno = lastErrno();
  // The flag came with Linux 5.11.
  if (errno !== ERRNO.EINVAL) throw new SyscallError("close_range", errno, { flags: "CLOSE_RANGE_CLOEXEC" });
  markEach(first);
}

/** The same, descriptor by descriptor. */
export function markEach(first: number): void {
  using folder = open("/proc/self/fd", O.RDONLY | O.DIRECTORY);
  for (const number of [...listDirectory(folder)].map(Number).filter((number) => number >= first)) {
    setCloseOnExec(new Fd(number));
  }
}

function setCloseOnExec(borrowed: Fd): void {
  invoke("fcntl", () => libc().fcntl(borrowed.number, F_SETFD, BigInt(FD_CLOEXEC)), () => ({
    object: `descriptor ${borrowed.number}`,
    flags: "F_SETFD FD_CLOEXEC",
  }));
}
