import { type BitNames, decodeBits } from "./bits.ts";
import { CWD, Fd } from "./fd.ts";
import { cstring, invoke, libc, SYS } from "./libc.ts";
import { isErrno } from "./syscall_error.ts";

/** Open flags (asm-generic/fcntl.h). The four that differ by architecture are set apart below. */
const ARM = Deno.build.arch === "aarch64";
export const O = {
  RDONLY: 0,
  WRONLY: 1,
  RDWR: 2,
  CREAT: 0o100,
  EXCL: 0o200,
  NOCTTY: 0o400,
  TRUNC: 0o1000,
  APPEND: 0o2000,
  NONBLOCK: 0o4000,
  CLOEXEC: 0o2000000,
  PATH: 0o10000000,
  DIRECTORY: ARM ? 0o40000 : 0o200000,
  NOFOLLOW: ARM ? 0o100000 : 0o400000,
  TMPFILE: ARM ? 0o20040000 : 0o20200000,
} as const;

const { RDONLY: _rdonly, ...bits } = O;
const { TMPFILE, ...others } = bits;
/** For messages and `--explain`: `O_PATH|O_CLOEXEC`. */
export const OPEN_BITS: BitNames = Object.fromEntries(
  Object.entries({ TMPFILE, ...others }).map(([name, value]) => [`O_${name}`, value]),
);

/** How openat2 resolves a path (linux/openat2.h). */
export const RESOLVE = {
  NO_XDEV: 0x01,
  NO_MAGICLINKS: 0x02,
  NO_SYMLINKS: 0x04,
  BENEATH: 0x08,
  IN_ROOT: 0x10,
} as const;
export const RESOLVE_BITS: BitNames = Object.fromEntries(
  Object.entries(RESOLVE).map(([name, value]) => [`RESOLVE_${name}`, value]),
);

/** Opens `path`, relative to `at`; close-on-exec always. For paths that the engine itself made. */
export function open(path: string, flags: number, { at = CWD, mode = 0 }: { at?: Fd; mode?: number } = {}): Fd {
  const name = cstring(path);
  return new Fd(
    invoke("open", () => libc().openat(at.number, name, flags | O.CLOEXEC, mode), () => ({
      object: path,
      flags: decodeBits(flags | O.CLOEXEC, OPEN_BITS),
    })),
  );
}

/** struct open_how: flags, mode, resolve. */
export function packOpenHow(flags: number, mode: number, resolve: number): Uint8Array<ArrayBuffer> {
  const how = new BigUint64Array([BigInt(flags >>> 0), BigInt(mode), BigInt(resolve)]);
  return new Uint8Array(how.buffer);
}

/**
 * Opens `path` inside the tree below `root` as if that were `/`: no symlink, `..` or magic link leads out of it
 * (openat2(2), Linux 5.6). This is the only way to open a path that an image or a container has a say in.
 * `mode` must be 0 unless `flags` create a file.
 */
export function openInRoot(
  root: Fd,
  path: string,
  flags: number,
  { mode = 0, resolve = 0 }: { mode?: number; resolve?: number } = {},
): Fd {
  const name = cstring(path);
  const how = packOpenHow(flags | O.CLOEXEC, mode, resolve | RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS);
  const call = () =>
    invoke("openat2", () => libc().openat2(SYS.openat2, root.number, name, how, BigInt(how.byteLength)), () => ({
      object: `${path} in root`,
      flags: decodeBits(flags | O.CLOEXEC, OPEN_BITS),
    }));
  for (let tries = 1;; tries++) {
    try {
      return new Fd(call());
    } catch (error) {
      // Somebody has renamed something while a `..` was resolved, and the kernel cannot say that it has stayed inside.
      if (tries === MAXIMUM_TRIES || !isErrno(error, "EAGAIN")) throw error;
    }
  }
}

const MAXIMUM_TRIES = 1000;
