import { Fd } from "./fd.ts";
import { invoke, libc } from "./libc.ts";

/** Types of file systems (linux/magic.h). */
export const FS_MAGIC = {
  DEVPTS: 0x1cd1,
  PROC: 0x9fa0,
  TMPFS: 0x0102_1994,
  OVERLAY: 0x794c_7630,
  CGROUP: 0x27_e0eb,
  CGROUP2: 0x6367_7270,
  SYSFS: 0x6265_6572,
  MQUEUE: 0x1980_0202,
} as const;

/** Bytes of struct statfs on 64-bit Linux. */
export const STATFS_SIZE = 120;

const ST_RDONLY = 1n;

/** What holds the file of a descriptor. */
export interface FileSystem {
  /** One of {@link FS_MAGIC}, or another. */
  readonly magic: number;
  readonly totalBytes: number;
  /** What an unprivileged user may still write. */
  readonly freeBytes: number;
  readonly freeInodes: number;
  readonly totalInodes: number;
  /** The file system, or the mount that it is seen through. */
  readonly readonly: boolean;
}

/** The file system that `fd` lies in. */
export function fileSystem(fd: Fd): FileSystem {
  const bytes = new Uint8Array(STATFS_SIZE);
  invoke("fstatfs", () => libc().fstatfs(fd.number, bytes), () => ({ object: `descriptor ${fd.number}` }));
  const view = new DataView(bytes.buffer);
  const blockSize = Number(view.getBigInt64(8, true));
  return {
    magic: view.getUint32(0, true),
    totalBytes: Number(view.getBigUint64(16, true)) * blockSize,
    freeBytes: Number(view.getBigUint64(32, true)) * blockSize,
    totalInodes: Number(view.getBigUint64(40, true)),
    freeInodes: Number(view.getBigUint64(48, true)),
    readonly: (view.getBigInt64(80, true) & ST_RDONLY) !== 0n,
  };
}
