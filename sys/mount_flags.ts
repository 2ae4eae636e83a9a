/** Flags of the calls that mount (linux/mount.h, linux/fs.h), the same on every architecture. */
import type { BitNames } from "./bits.ts";

/** mount(2). */
export const MS = {
  RDONLY: 0x1,
  NOSUID: 0x2,
  NODEV: 0x4,
  NOEXEC: 0x8,
  SYNCHRONOUS: 0x10,
  REMOUNT: 0x20,
  MANDLOCK: 0x40,
  DIRSYNC: 0x80,
  NOSYMFOLLOW: 0x100,
  NOATIME: 0x400,
  NODIRATIME: 0x800,
  BIND: 0x1000,
  MOVE: 0x2000,
  REC: 0x4000,
  SILENT: 0x8000,
  UNBINDABLE: 0x2_0000,
  PRIVATE: 0x4_0000,
  SLAVE: 0x8_0000,
  SHARED: 0x10_0000,
  RELATIME: 0x20_0000,
  STRICTATIME: 0x100_0000,
  LAZYTIME: 0x200_0000,
} as const;
export const MS_BITS: BitNames = prefixed("MS_", MS);

/** umount2(2). */
export const MNT = { FORCE: 1, DETACH: 2, EXPIRE: 4 } as const;
export const MNT_BITS: BitNames = prefixed("MNT_", MNT);

/** open_tree(2), Linux 5.2; OPEN_TREE_CLOEXEC is O_CLOEXEC. */
export const OPEN_TREE = { CLONE: 1, CLOEXEC: 0o2000000 } as const;
export const AT_RECURSIVE = 0x8000;
export const AT_EMPTY_PATH = 0x1000;
export const OPEN_TREE_BITS: BitNames = { ...prefixed("OPEN_TREE_", OPEN_TREE), AT_RECURSIVE, AT_EMPTY_PATH };

/** move_mount(2), Linux 5.2. */
export const MOVE_MOUNT = { F_EMPTY_PATH: 0x4, T_SYMLINKS: 0x10, T_EMPTY_PATH: 0x40 } as const;
export const MOVE_MOUNT_BITS: BitNames = prefixed("MOVE_MOUNT_", MOVE_MOUNT);

/** struct mount_attr of mount_setattr(2), Linux 5.12: attr_set, attr_clr, propagation, userns_fd. */
export function packMountAttr(set: number, propagation: number, userNamespace = 0): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new BigUint64Array([BigInt(set), 0n, BigInt(propagation), BigInt(userNamespace)]).buffer);
}

/** `MS_` before each name. */
function prefixed(prefix: string, bits: Readonly<Record<string, number>>): BitNames {
  return Object.fromEntries(Object.entries(bits).map(([name, value]) => [prefix + name, value]));
}
