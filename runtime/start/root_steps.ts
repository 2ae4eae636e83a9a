/**
 * From the host's root to the container's: sources are opened while the host is there, then the union root takes its
 * place. The rules are those of container_tape.ts.
 */
import { AT_RECURSIVE, MNT, MS, OPEN_TREE } from "../../sys/mount_flags.ts";
import { O } from "../../sys/open.ts";
import type { FilesSpec, MountSpec } from "../container_spec.ts";
import { NULL } from "../tape/argument.ts";
import * as call from "../tape/call.ts";
import type { Tape } from "../tape/tape.ts";
import { type Descriptors, POINT_AT } from "./descriptors.ts";
import { OPENED_BY_MOUNT } from "./mount_steps.ts";
import { hostLayer, imageTree, OPENED_BY_IMAGE, overlay } from "./overlay_steps.ts";

const AT = call.AT_FDCWD;

/** How many descriptors the mounts make the process open. */
export function openedByMounts(mounts: readonly MountSpec[]): number {
  const images = mounts.filter(({ kind }) => kind === "image").length;
  return mounts.length * (1 + OPENED_BY_MOUNT) + images * OPENED_BY_IMAGE;
}

/** Hands over what the engine has found in volumes, and copied: the kernel does that in its own namespace only. */
export function passTrees(mounts: readonly MountSpec[], descriptors: Descriptors): (number | undefined)[] {
  return mounts.map((mount) => {
    if (mount.kind !== "bind" || mount.tree === undefined) return undefined;
    descriptors.pass(mount.tree, mount.source);
    return descriptors.passed.at(-1)?.target;
  });
}

/** Opens what the mounts bind; `passed` are those that {@link passTrees} has handed over. */
export function openMountSources(
  tape: Tape,
  mounts: readonly MountSpec[],
  passed: readonly (number | undefined)[],
  descriptors: Descriptors,
): (number | undefined)[] {
  return mounts.map((mount, i) =>
    passed[i] ?? (mount.kind === "bind" ? openSource(tape, mount.source, mount.recursive, descriptors) : undefined)
  );
}

export function openSource(tape: Tape, path: string, recursive: boolean, descriptors: Descriptors): number {
  return descriptors.hold(
    tape,
    `open the mount source ${path}`,
    call.openTree(AT, path, OPEN_TREE.CLONE | OPEN_TREE.CLOEXEC | (recursive ? AT_RECURSIVE : 0)),
    "a copy of that part of the tree, mounted nowhere yet; the path means the host's now and is never used again",
  );
}

/** The overlay becomes the root, and the host goes. Gives the trees of the images that are mounted, by their mounts. */
export function enterRoot(
  tape: Tape,
  { root, mounts }: FilesSpec,
  list: number,
  descriptors: Descriptors,
): (number | undefined)[] {
  tape.add(
    "cut the mounts off from the host's",
    call.mount(NULL, "/", NULL, MS.REC | MS.PRIVATE),
    "what we mount must not appear there; pivot_root wants it so, too",
  );
  tape.add("go to the layers", call.chdir(root.layersFolder), "relative names: the options of a mount have 4096 bytes");
  const trees = mounts.map((mount) =>
    mount.kind === "image" ? imageTree(tape, mount, root.merged, descriptors) : undefined
  );
  if (root.host) hostLayer(tape, root.merged);
  const lowers = root.host ? [...root.lowers, root.merged] : root.lowers;
  const data = `lowerdir=${lowers.join(":")},upperdir=${root.upper},workdir=${root.work}`;
  overlay(tape, "mount the root file system", root.merged, 0, `${data},index=off,redirect_dir=off,metacopy=off`);
  tape.add("go into it", call.chdir(root.merged), "the mount that now lies there");
  tape.add(
    "make it the root",
    call.pivotRoot(".", "."),
    "the old root comes to lie on top of the new one, so no folder for it is needed (pivot_root(2))",
  );
  tape.add(
    "let go of the old root",
    call.umount2(".", MNT.DETACH),
    "with it all mounts of the host leave this namespace; only what was opened is left",
  );
  tape.add("go to the list of descriptors", call.fchdir(list), "relative paths are open files from here on");
  return trees;
}

/** Where {@link pathOf} leads: the host's view of us, which nothing of the container can lie about. */
export function openList(tape: Tape, descriptors: Descriptors): number {
  return descriptors.hold(
    tape,
    "open the list of our descriptors",
    call.openat(AT, "/proc/self/fd", POINT_AT | O.DIRECTORY),
    "some calls take open files by a path only, and the container's /proc may be another's, where we do not exist",
  );
}

export function makeRootReadOnly(tape: Tape): void {
  tape.add(
    "make the root read-only",
    call.mount(NULL, "/", NULL, MS.REMOUNT | MS.BIND | MS.RDONLY),
    "the last step that needs it writable is done",
  );
}
