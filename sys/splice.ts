/** Moving data between descriptors without reading it, and how much of it waits in a pipe. */
import { Fd } from "./fd.ts";
import { invoke, libc } from "./libc.ts";

/** Flags of splice and tee (fcntl.h). */
export const SPLICE_F = { MOVE: 1, NONBLOCK: 2, MORE: 4 } as const;
export const F_SETPIPE_SZ = 1031;
export const F_GETPIPE_SZ = 1032;
export const FIONREAD = 0x541bn;

/**
 * Moves up to `length` bytes and returns how many; one of the two is a pipe. 0 at the end of `from`.
 * @throws {SyscallError} EAGAIN when nothing can be moved now
 */
export function splice(from: Fd, to: Fd, length: number, flags: number = SPLICE_F.NONBLOCK): number {
  return invoke(
    "splice",
    () => libc().splice(from.number, null, to.number, null, BigInt(length), flags),
    pair(from, to),
  );
}

/** Copies up to `length` bytes from pipe to pipe and leaves them in the first; else as {@link splice}. */
export function tee(from: Fd, to: Fd, length: number, flags: number = SPLICE_F.NONBLOCK): number {
  return invoke("tee", () => libc().tee(from.number, to.number, BigInt(length), flags), pair(from, to));
}

const pair = (from: Fd, to: Fd) => () => ({ object: `descriptor ${from.number} to ${to.number}` });

/** How many bytes the pipe can hold. */
export function pipeSize(fd: Fd): number {
  return invoke("fcntl", () => libc().fcntl(fd.number, F_GETPIPE_SZ, 0n), () => ({
    object: `descriptor ${fd.number}`,
    flags: "F_GETPIPE_SZ",
  }));
}

/**
 * Makes the pipe hold at least `size` bytes, and returns how many it holds now.
 * @throws {SyscallError} EPERM without CAP_SYS_RESOURCE beyond /proc/sys/fs/pipe-max-size, or when the user has too many
 */
export function setPipeSize(fd: Fd, size: number): number {
  return invoke("fcntl", () => libc().fcntl(fd.number, F_SETPIPE_SZ, BigInt(size)), () => ({
    object: `descriptor ${fd.number} to ${size} bytes`,
    flags: "F_SETPIPE_SZ",
  }));
}

/** How many bytes could be read at once from a pipe, socket or terminal. */
export function readable(fd: Fd): number {
  const count = new Int32Array(1);
  const bytes = new Uint8Array(count.buffer);
  invoke("ioctl", () => libc().ioctl(fd.number, FIONREAD, bytes), () => ({
    object: `descriptor ${fd.number}`,
    flags: "FIONREAD",
  }));
  return count[0] ?? 0;
}
