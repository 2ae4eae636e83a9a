/** What is mounted nowhere yet (fsopen(2), open_tree(2), Linux 5.2). Only this thread's descriptor reaches it. */
import { type BitNames, decodeBits } from "./bits.ts";
import { Fd } from "./fd.ts";
import { cstring, invoke, libc, SYS } from "./libc.ts";
import { AT_EMPTY_PATH, OPEN_TREE, OPEN_TREE_BITS, packMountAttr } from "./mount_flags.ts";

export const FSOPEN_CLOEXEC = 1;
export const FSMOUNT_CLOEXEC = 1;
export const FSCONFIG = { SET_STRING: 1, CMD_CREATE: 6 } as const;

/** Attributes of a mount (linux/mount.h). */
export const MOUNT_ATTR = { RDONLY: 0x1, NOSUID: 0x2, NODEV: 0x4, NOEXEC: 0x8, IDMAP: 0x10_0000 } as const;
export const MOUNT_ATTR_BITS: BitNames = Object.fromEntries(
  Object.entries(MOUNT_ATTR).map(([name, value]) => [`MOUNT_ATTR_${name}`, value]),
);

/**
 * A copy of the mount that `fd` lies in, with that file or folder as its root. It ends with its last descriptor, unless it
 * is moved somewhere. The kernel copies mounts of the caller's own namespace only.
 */
export function copyMount(fd: Fd): Fd {
  const flags = OPEN_TREE.CLONE | OPEN_TREE.CLOEXEC | AT_EMPTY_PATH;
  const path = cstring("");
  return new Fd(
    invoke("open_tree", () => libc().open_tree(SYS.open_tree, fd.number, path, flags), () => ({
      object: `descriptor ${fd.number}`,
      flags: decodeBits(flags, OPEN_TREE_BITS),
    })),
  );
}

/**
 * Makes a mount that is mounted nowhere yet show the owners of its files as the maps of a user namespace say
 * (mount_setattr(2), Linux 5.12).
 * @throws {SyscallError} EINVAL where the file system cannot do that
 */
export function mapOwners(tree: Fd, userNamespace: Fd): void {
  const attributes = packMountAttr(MOUNT_ATTR.IDMAP, 0, userNamespace.number);
  const path = cstring("");
  invoke(
    "mount_setattr",
    () =>
      libc().mount_setattr(SYS.mount_setattr, tree.number, path, AT_EMPTY_PATH, attributes, BigInt(attributes.length)),
    () => ({ object: `descriptor ${tree.number}`, flags: "MOUNT_ATTR_IDMAP" }),
  );
}

/** Begins to configure a file system of `type`. */
export function fsopen(type: string): Fd {
  const name = cstring(type);
  return new Fd(
    invoke("fsopen", () => libc().fsopen(SYS.fsopen, name, FSOPEN_CLOEXEC), () => ({
      object: type,
      flags: "FSOPEN_CLOEXEC",
    })),
  );
}

/** Sets an option that has a value: `mode`, `0620`. */
export function fsconfigString(context: Fd, key: string, value: string): void {
  const [name, text] = [cstring(key), cstring(value)];
  invoke(
    "fsconfig",
    () => libc().fsconfig(SYS.fsconfig, context.number, FSCONFIG.SET_STRING, name, text, 0),
    () => ({ object: `${key}=${value}`, flags: "FSCONFIG_SET_STRING" }),
  );
}

/** Makes the file system as it is configured now. */
export function fsconfigCreate(context: Fd): void {
  invoke(
    "fsconfig",
    () => libc().fsconfig(SYS.fsconfig, context.number, FSCONFIG.CMD_CREATE, null, null, 0),
    () => ({ flags: "FSCONFIG_CMD_CREATE" }),
  );
}

/** The root of the made file system, as a detached mount: it ends with its last descriptor, unless it is moved somewhere. */
export function fsmount(context: Fd, attributes: number): Fd {
  return new Fd(
    invoke(
      "fsmount",
      () => libc().fsmount(SYS.fsmount, context.number, FSMOUNT_CLOEXEC, attributes),
      () => ({ flags: decodeBits(attributes, MOUNT_ATTR_BITS) }),
    ),
  );
}
