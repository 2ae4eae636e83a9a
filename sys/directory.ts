/** Making, naming and removing files, always relative to an open directory. */
import { decodeName } from "../base/file_name.ts";
import { CWD, Fd } from "./fd.ts";
import { cstring, invoke, libc } from "./libc.ts";
import { isErrno } from "./syscall_error.ts";

/** Makes a directory with `mode` less the umask. */
export function makeDirectory(at: Fd, name: string, mode: number): void {
  const path = cstring(name);
  invoke("mkdir", () => libc().mkdirat(at.number, path, mode), () => ({ object: name }));
}

/** Makes a directory unless something of that name is there. */
export function ensureDirectory(at: Fd, name: string, mode: number): void {
  try {
    makeDirectory(at, name, mode);
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
  }
}

/** A device number as the kernel's user space interface packs it (gnu_dev_makedev). */
export function deviceNumber(major: number, minor: number): bigint {
  const [a, b] = [BigInt(major), BigInt(minor)];
  return (b & 0xffn) | ((a & 0xfffn) << 8n) | ((b & ~0xffn) << 12n) | ((a & ~0xfffn) << 32n);
}

/** Makes a device node, FIFO or socket; `mode` carries the S_IFMT bits. */
export function makeNode(at: Fd, name: string, mode: number, device = 0n): void {
  const path = cstring(name);
  invoke("mknod", () => libc().mknodat(at.number, path, mode, device), () => ({
    object: `${name} (mode ${mode.toString(8)}, device ${device})`,
  }));
}

export function makeSymlink(target: string, at: Fd, name: string): void {
  const [to, path] = [cstring(target), cstring(name)];
  invoke("symlink", () => libc().symlinkat(to, at.number, path), () => ({ object: `${name} -> ${target}` }));
}

/** Gives the file `name` in `from` a second name; the link itself when it is a symlink. */
export function makeHardLink(from: Fd, name: string, at: Fd, newName: string): void {
  const [old, path] = [cstring(name), cstring(newName)];
  invoke("link", () => libc().linkat(from.number, old, at.number, path, 0), () => ({ object: `${newName} = ${name}` }));
}

const AT_REMOVEDIR = 0x200;

/** Removes a file, or with `directory` an empty directory. */
export function unlink(at: Fd, name: string, { directory = false } = {}): void {
  const path = cstring(name);
  const flags = directory ? AT_REMOVEDIR : 0;
  invoke("unlink", () => libc().unlinkat(at.number, path, flags), () => ({ object: name }));
}

/** Renames, replacing what has the new name. */
export function rename(from: Fd, name: string, to: Fd, newName: string): void {
  const [old, path] = [cstring(name), cstring(newName)];
  invoke(
    "rename",
    () => libc().renameat(from.number, old, to.number, path),
    () => ({ object: `${name} to ${newName}` }),
  );
}

/** What a symlink says. */
export function readLink(at: Fd, name: string): string {
  const path = cstring(name);
  const target = new Uint8Array(4096);
  const n = invoke("readlink", () => libc().readlinkat(at.number, path, target, 4096n), () => ({ object: name }));
  return decodeName(target.subarray(0, n));
}

const DIRENT_NAME = 19; // d_ino 8, d_off 8, d_reclen 2, d_type 1 (getdents64(2))

/** The names in an open directory without `.` and `..`, in the file system's order. Read once: it moves the position. */
export function* listDirectory(directory: Fd): Generator<string> {
  const buffer = new Uint8Array(32 << 10);
  const view = new DataView(buffer.buffer);
  for (;;) {
    const end = invoke("getdents64", () => libc().getdents64(directory.number, buffer, BigInt(buffer.length)));
    if (end === 0) return;
    for (let at = 0; at < end;) {
      const length = view.getUint16(at + 16, true);
      const nul = buffer.indexOf(0, at + DIRENT_NAME);
      const name = decodeName(buffer.subarray(at + DIRENT_NAME, nul));
      at += length;
      if (name !== "." && name !== "..") yield name;
    }
  }
}

export { CWD };
