/** Owner, mode, times, extended attributes. None of these follows a symlink in the last step. */
import { decodeName } from "../base/file_name.ts";
import { ERRNO } from "./errno.ts";
import { CWD, Fd } from "./fd.ts";
import { cstring, invoke, lastErrno, libc } from "./libc.ts";
import { O, open } from "./open.ts";
import { SyscallError } from "./syscall_error.ts";

const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;

/** S_IFMT and its values (sys/stat.h). */
export const S = {
  IFMT: 0o170000,
  IFSOCK: 0o140000,
  IFLNK: 0o120000,
  IFREG: 0o100000,
  IFBLK: 0o60000,
  IFDIR: 0o40000,
  IFCHR: 0o20000,
  IFIFO: 0o10000,
} as const;

export type FileKind = "file" | "directory" | "symlink" | "character" | "block" | "fifo" | "socket";

const KINDS: Readonly<Record<number, FileKind>> = {
  [S.IFREG]: "file",
  [S.IFDIR]: "directory",
  [S.IFLNK]: "symlink",
  [S.IFCHR]: "character",
  [S.IFBLK]: "block",
  [S.IFIFO]: "fifo",
  [S.IFSOCK]: "socket",
};

/** What a file is; undefined for what Linux does not have. */
export function kindOf({ mode }: Pick<Stat, "mode">): FileKind | undefined {
  return KINDS[mode & S.IFMT];
}

/** What statx tells of a file. Times are nanoseconds since 1970. */
export interface Stat {
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  readonly inode: bigint;
  readonly size: number;
  /** In units of 512 bytes: what the file takes on the disk. */
  readonly blocks: number;
  readonly modified: bigint;
  readonly changed: bigint;
  /** Of a device node. */
  readonly major: number;
  readonly minor: number;
  /** Of the file system, `major:minor`. */
  readonly device: string;
  /** Which mount it is seen through (Linux 5.8). */
  readonly mount: bigint;
}

/** STATX_BASIC_STATS, STATX_MNT_ID */
const STATX_WANTED = 0x7ff | 0x1000;

/** What statx writes; read before anything else is asked. */
const statBuffer = new Uint8Array(256);
const statView = new DataView(statBuffer.buffer);

/** Fills {@link statBuffer}. */
function statx(at: Fd, name: string): void {
  const path = cstring(name);
  const flags = AT_SYMLINK_NOFOLLOW | (name === "" ? AT_EMPTY_PATH : 0);
  invoke("statx", () => libc().statx(at.number, path, flags, STATX_WANTED, statBuffer), () => ({
    object: name || `descriptor ${at.number}`,
  }));
}

type Identity = Pick<Stat, "inode" | "uid" | "gid" | "mode">;

/** Of an open file what tells it from others and who may use it: where that is asked for each of very many. */
export function identity(fd: Fd): Identity {
  statx(fd, "");
  return identityInBuffer();
}

function identityInBuffer(): Identity {
  return {
    uid: statView.getUint32(20, true),
    gid: statView.getUint32(24, true),
    mode: statView.getUint16(28, true),
    inode: statView.getBigUint64(32, true),
  };
}

/** The attributes of `name` in `at`, not following a symlink; of `at` itself when `name` is empty. */
export function stat(at: Fd, name = ""): Stat {
  statx(at, name);
  const v = statView;
  const time = (offset: number) => v.getBigInt64(offset, true) * 1_000_000_000n + BigInt(v.getUint32(offset + 8, true));
  return {
    ...identityInBuffer(),
    links: v.getUint32(16, true),
    size: Number(v.getBigUint64(40, true)),
    blocks: Number(v.getBigUint64(48, true)),
    changed: time(96),
    modified: time(112),
    major: v.getUint32(128, true),
    minor: v.getUint32(132, true),
    device: `${v.getUint32(136, true)}:${v.getUint32(140, true)}`,
    mount: v.getBigUint64(144, true),
  };
}

/** Sets owner and group. Clears set-user-ID bits, so it comes before the mode. */
export function setOwner(at: Fd, name: string, uid: number, gid: number): void {
  const path = cstring(name);
  const flags = AT_SYMLINK_NOFOLLOW | (name === "" ? AT_EMPTY_PATH : 0);
  invoke("fchownat", () => libc().fchownat(at.number, path, uid, gid, flags), () => ({
    object: `${name || `descriptor ${at.number}`} to ${uid}:${gid}`,
  }));
}

/** Sets the permission bits of an open file. */
export function setMode(fd: Fd, mode: number): void {
  invoke("fchmod", () => libc().fchmod(fd.number, mode), () => ({ object: mode.toString(8) }));
}

/**
 * Sets the permission bits of what `name` is. A symlink that somebody may have put there meanwhile is not followed
 * (EOPNOTSUPP); fchmodat(2) itself can do that only since Linux 6.6.
 */
export function setModeAt(at: Fd, name: string, mode: number): void {
  using place = open(name, O.PATH | O.NOFOLLOW, { at });
  const path = cstring(`/proc/self/fd/${place.number}`);
  invoke(
    "fchmodat",
    () => libc().fchmodat(CWD.number, path, mode, 0),
    () => ({ object: `${name} to ${mode.toString(8)}` }),
  );
}

/** Two timespecs, seconds and nanoseconds each: of access and of modification. */
const times = new BigInt64Array(4);
const timesBytes = new Uint8Array(times.buffer);

/** Both times are `time` (nanoseconds since 1970). */
function packTimes(time: bigint): void {
  const seconds = time >= 0n ? time / 1_000_000_000n : (time - 999_999_999n) / 1_000_000_000n;
  times[0] = times[2] = seconds;
  times[1] = times[3] = time - seconds * 1_000_000_000n;
}

/** Sets the times of access and modification of an open file (not O_PATH). By a path, even an empty one, it takes thrice as long. */
export function setTime(fd: Fd, time: bigint): void {
  packTimes(time);
  invoke("futimens", () => libc().futimens(fd.number, timesBytes), () => ({ object: `descriptor ${fd.number}` }));
}

/** Sets the times of access and modification of what `name` is, not following a symlink. */
export function setTimeAt(at: Fd, name: string, time: bigint): void {
  packTimes(time);
  const path = cstring(name);
  invoke(
    "utimensat",
    () => libc().utimensat(at.number, path, timesBytes, AT_SYMLINK_NOFOLLOW),
    () => ({ object: name }),
  );
}

/** XATTR_LIST_MAX, XATTR_SIZE_MAX: no list and no value is longer. What is read is copied out of it at once. */
const xattrBuffer = new Uint8Array(64 << 10);

/** The path by which the extended attribute calls reach `name` in an open directory without following a link. */
const reach = (at: Fd, name: string) =>
  cstring(name === "" ? `/proc/self/fd/${at.number}` : `/proc/self/fd/${at.number}/${name}`);

/** Sets one extended attribute of `name` in `at`. */
export function setXattr(at: Fd, name: string, key: string, value: Uint8Array<ArrayBuffer>): void {
  const [path, attribute] = [reach(at, name), cstring(key)];
  invoke("lsetxattr", () => libc().lsetxattr(path, attribute, value, BigInt(value.length), 0), () => ({
    object: `${key} of ${name}`,
  }));
}

/** The value of one extended attribute, or undefined when the file has none of that name. */
export function getXattr(at: Fd, name: string, key: string): Uint8Array<ArrayBuffer> | undefined {
  const [path, attribute] = [reach(at, name), cstring(key)];
  const n = libc().lgetxattr(path, attribute, xattrBuffer, BigInt(xattrBuffer.length));
  if (n >= 0) return xattrBuffer.slice(0, n);
  const errno = lastErrno();
  if (errno === ERRNO.ENODATA || errno === ERRNO.EOPNOTSUPP) return undefined;
  throw new SyscallError("lgetxattr", errno, { object: `${key} of ${name}` });
}

/** The names of all extended attributes of `name` in `at`. */
export function listXattrs(at: Fd, name: string): string[] {
  const path = reach(at, name);
  const n = libc().llistxattr(path, xattrBuffer, BigInt(xattrBuffer.length));
  if (n < 0) {
    const errno = lastErrno();
    if (errno === ERRNO.EOPNOTSUPP) return [];
    throw new SyscallError("llistxattr", errno, { object: name });
  }
  return decodeName(xattrBuffer.subarray(0, n)).split("\0").filter((s) => s !== "");
}
