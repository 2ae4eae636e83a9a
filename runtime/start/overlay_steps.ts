/** Unions of layers: the root of a container, the host as one of its layers, images that are mounted. */
import { invalid } from "../../base/errors.ts";
import { AT_EMPTY_PATH, MNT, MS, OPEN_TREE } from "../../sys/mount_flags.ts";
import { O, RESOLVE } from "../../sys/open.ts";
import type { MountSpec } from "../container_spec.ts";
import { NULL } from "../tape/argument.ts";
import * as call from "../tape/call.ts";
import type { Tape } from "../tape/tape.ts";
import { type Descriptors, POINT_AT } from "./descriptors.ts";

const AT = call.AT_FDCWD;
const BARE = MS.NOSUID | MS.NODEV | MS.NOEXEC;

/**
 * The host's own root as a layer. The upper folder lies within it, which the kernel refuses for layers of one file system
 * (ELOOP); so it is made a file system of its own first: an overlay that adds nothing. That takes two layers, the other
 * one is an empty tmpfs. Overlays may lie on each other two deep (FILESYSTEM_MAX_STACK_DEPTH), so this is the limit.
 */
export function hostLayer(tape: Tape, target: string): void {
  tape.add(
    "mount an empty tmpfs",
    call.mount("tmpfs", target, "tmpfs", BARE | MS.RDONLY, "mode=755,nr_blocks=1,nr_inodes=2"),
    "an overlay that is read-only wants two layers",
  );
  overlay(tape, "mount the host's root as a layer", target, MS.RDONLY, `lowerdir=${target}:/`);
}

/** How many descriptors an image takes beside those of every mount. */
export const OPENED_BY_IMAGE = 2;

/** An image as a tree that is mounted nowhere: mounted at `place` for a moment, where the root comes to lie later. */
export function imageTree(
  tape: Tape,
  { layers, target, subpath }: MountSpec & { kind: "image" },
  place: string,
  descriptors: Descriptors,
): number {
  const label = `the image for ${target}`;
  const [only, ...others] = layers;
  if (only !== undefined && others.length === 0) {
    tape.add(`mount ${label}`, call.mount(only, place, NULL, MS.BIND), "one layer is a folder as it is");
  } else overlay(tape, `mount ${label}`, place, MS.RDONLY, `lowerdir=${layers.join(":")}`);
  const reason = "links in the path lead nowhere but into the image";
  const within = descriptors.hold(
    tape,
    `open ${label}`,
    call.openat(AT, place, POINT_AT | O.DIRECTORY),
    "its root, as paths in it see it",
  );
  const found = subpath === undefined ? within : descriptors.hold(
    tape,
    `open ${subpath} in ${label}`,
    call.openat2(within, subpath, POINT_AT, RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS),
    reason,
  );
  const tree = descriptors.hold(
    tape,
    `copy ${label}`,
    call.openTree(found, "", OPEN_TREE.CLONE | OPEN_TREE.CLOEXEC | AT_EMPTY_PATH),
    "a copy of the mount, mounted nowhere yet",
  );
  tape.add(`clear the place of ${label}`, call.umount2(place, MNT.DETACH), "for what comes next");
  return tree;
}

export function overlay(tape: Tape, label: string, target: string, flags: number, data: string): void {
  if (new TextEncoder().encode(data).length >= 4096) throw invalid(`${label}: too many layers for one mount`);
  const reason =
    "the options that a kernel may have on by default are off: an upper layer must mean the same everywhere";
  tape.add(label, call.mount("overlay", target, "overlay", flags, data), reason);
}
