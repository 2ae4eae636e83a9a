import { Fd } from "./fd.ts";
import { invoke, libc } from "./libc.ts";
import { O, open } from "./open.ts";

const object = (fd: Fd) => () => ({ object: `descriptor ${fd.number}` });

/** Reads up to `into.length` bytes; 0 at the end of the file. */
export function read(fd: Fd, into: Uint8Array<ArrayBuffer>): number {
  return invoke("read", () => libc().read(fd.number, into, BigInt(into.byteLength)), object(fd));
}

/** Writes some of `data` and returns how much. */
export function write(fd: Fd, data: Uint8Array<ArrayBuffer>): number {
  return invoke("write", () => libc().write(fd.number, data, BigInt(data.byteLength)), object(fd));
}

/** Writes all of `data`. */
export function writeAll(fd: Fd, data: Uint8Array<ArrayBuffer>): void {
  for (let done = 0; done < data.byteLength;) done += write(fd, data.subarray(done));
}

/** Reads up to `into.length` bytes at `offset`, without moving the file position. */
export function readAt(fd: Fd, into: Uint8Array<ArrayBuffer>, offset: number): number {
  return invoke("pread", () => libc().pread(fd.number, into, BigInt(into.byteLength), BigInt(offset)), object(fd));
}

/** Writes `data` at `offset`, without moving the file position, and returns how much. */
export function writeAt(fd: Fd, data: Uint8Array<ArrayBuffer>, offset: number): number {
  return invoke("pwrite", () => libc().pwrite(fd.number, data, BigInt(data.byteLength), BigInt(offset)), object(fd));
}

/** Writes all of `data` at `offset`, without moving the file position. */
export function writeAllAt(fd: Fd, data: Uint8Array<ArrayBuffer>, offset: number): void {
  let done = writeAt(fd, data, offset);
  while (done < data.byteLength) done += writeAt(fd, data.subarray(done), offset + done);
}

/** SYNC_FILE_RANGE_WRITE */
const BEGIN = 2;

/** Lets the kernel begin to write a part of a file to its disk, without waiting for that (sync_file_range(2)). */
export function beginWriteback(fd: Fd, offset: number, length: number): void {
  invoke("sync_file_range", () => libc().sync_file_range(fd.number, BigInt(offset), BigInt(length), BEGIN), () => ({
    object: `descriptor ${fd.number}`,
  }));
}

/** Cuts or extends the file to `size` bytes; what is added is a hole. */
export function truncate(fd: Fd, size: number): void {
  invoke("ftruncate", () => libc().ftruncate(fd.number, BigInt(size)), object(fd));
}

/** Most files that are read whole fit into this; a megabyte for each would be most of what a start costs. */
const SMALL = 8 << 10;

/** Reads a whole small file, at most `limit` bytes (default 1 MiB); what lies beyond is left out. */
export function readWhole(fd: Fd, limit = 1 << 20): Uint8Array<ArrayBuffer> {
  let data = new Uint8Array(Math.min(limit, SMALL));
  let length = 0;
  for (;;) {
    const n = read(fd, data.subarray(length));
    length += n;
    if (n === 0 || length === limit) return data.slice(0, length);
    if (length === data.length) {
      const larger = new Uint8Array(Math.min(limit, 4 * data.length));
      larger.set(data);
      data = larger;
    }
  }
}

/** Both ends of a pipe, close-on-exec. */
export function pipe(flags = 0): { reader: Fd; writer: Fd } {
  const ends = new Int32Array(2);
  invoke("pipe2", () => libc().pipe2(new Uint8Array(ends.buffer), flags | O.CLOEXEC));
  return { reader: new Fd(ends[0] ?? -1), writer: new Fd(ends[1] ?? -1) };
}

/** A counter that wakes whoever polls it (eventfd(2)), nonblocking. */
export function eventfd(): Fd {
  return new Fd(invoke("eventfd", () => libc().eventfd(0, O.CLOEXEC | O.NONBLOCK)));
}

const LOCK_EX = 2, LOCK_NB = 4;

/** Takes the exclusive lock of an open file; false when another process holds it. Released when it is closed. */
export function tryLock(fd: Fd): boolean {
  return libc().flock(fd.number, LOCK_EX | LOCK_NB) === 0;
}

/**
 * Writes `value` into a file of the kernel (cgroupfs, procfs, sysfs). Such a file takes the value in one write or
 * refuses it, and the error says which value it was.
 * @throws {SyscallError} `write /sys/fs/cgroup/x/pids.max = 10: EINVAL, invalid argument`
 */
export function writeKernelFile(path: string, value: string): void {
  using fd = open(path, O.WRONLY);
  const data = new TextEncoder().encode(value);
  invoke("write", () => libc().write(fd.number, data, BigInt(data.byteLength)), () => ({
    object: `${path} = ${value.trim()}`,
  }));
}
