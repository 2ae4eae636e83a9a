/** Descriptors on which nothing waits: what cannot be done now is told, and the reactor says when to try again. */
import { ERRNO } from "./errno.ts";
import { Fd } from "./fd.ts";
import { invoke, lastErrno, libc } from "./libc.ts";
import { O } from "./open.ts";
import { SyscallError } from "./syscall_error.ts";

export const F_GETFL = 3;
export const F_SETFL = 4;

/** Sets O_NONBLOCK. It belongs to the open file, so it holds for every duplicate, in other processes too. */
export function setNonblocking(fd: Fd): void {
  const object = `descriptor ${fd.number}`;
  const flags = invoke("fcntl", () => libc().fcntl(fd.number, F_GETFL, 0n), () => ({ object, flags: "F_GETFL" }));
  invoke("fcntl", () => libc().fcntl(fd.number, F_SETFL, BigInt(flags | O.NONBLOCK)), () => ({
    object,
    flags: "F_SETFL O_NONBLOCK",
  }));
}

/** Reads what is there: 0 at the end of the file, undefined when there is nothing now (EAGAIN). */
export function tryRead(fd: Fd, into: Uint8Array<ArrayBuffer>): number | undefined {
  return unlessAgain("read", fd, () => libc().read(fd.number, into, BigInt(into.byteLength)));
}

/** Writes what there is room for and returns how much; undefined when there is none now (EAGAIN). */
export function tryWrite(fd: Fd, data: Uint8Array<ArrayBuffer>): number | undefined {
  return unlessAgain("write", fd, () => libc().write(fd.number, data, BigInt(data.byteLength)));
}

/** Makes a call that EAGAIN is no failure of: it is what ends every turn, and an exception for it would cost too much. */
function unlessAgain(call: string, fd: Fd, attempt: () => number): number | undefined {
  for (;;) {
    const result = attempt();
    if (result !== -1) return result;
    const errno = lastErrno();
    if (errno === ERRNO.EAGAIN) return undefined;
    if (errno !== ERRNO.EINTR) throw new SyscallError(call, errno, { object: `descriptor ${fd.number}` });
  }
}
