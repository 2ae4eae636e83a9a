/** What a container must not see, or not change. Comes last among the mounts, so that none of them can uncover it. */
import { AT_RECURSIVE, MNT, MS } from "../../sys/mount_flags.ts";
import { MOUNT_ATTR } from "../../sys/mount_api.ts";
import { O } from "../../sys/open.ts";
import type { ContainerSpec } from "../container_spec.ts";
import { NULL } from "../tape/argument.ts";
import * as call from "../tape/call.ts";
import { Place, type Tape } from "../tape/tape.ts";
import { type Descriptors, pathOf, POINT_AT } from "./descriptors.ts";
import type { Machine } from "./machine.ts";

const AT = call.AT_FDCWD;
const BARE = MS.NOSUID | MS.NODEV | MS.NOEXEC;
const FOLDER = "/dev/.masked";

/** Descriptors of what hides: the device for files, a mount for folders, and the /dev that this one lies in. */
export interface Masks {
  readonly device: number;
  readonly folder: number;
  readonly dev: number;
}

/** To be called while /dev is ours alone: what a descriptor points at cannot be exchanged any more (CVE-2025-31133). */
export function openMasks(tape: Tape, descriptors: Descriptors): Masks {
  const reason = "made by ourselves a moment ago, and from here on named by its descriptor";
  const device = descriptors.hold(tape, "open /dev/null", call.openat(AT, "/dev/null", POINT_AT), reason);
  const dev = descriptors.hold(tape, "open /dev", call.openat(AT, "/dev", POINT_AT | O.DIRECTORY), reason);
  tape.add(`make ${FOLDER}`, call.mkdirat(AT, FOLDER, 0), "for a moment, to mount on");
  tape.add(
    `mount an empty tmpfs on ${FOLDER}`,
    call.mount("tmpfs", FOLDER, "tmpfs", BARE | MS.RDONLY, "mode=555,nr_blocks=1,nr_inodes=2"),
    "one for all masked folders, instead of one each",
  );
  const folder = descriptors.hold(tape, `open ${FOLDER}`, call.openat(AT, FOLDER, POINT_AT | O.DIRECTORY), reason);
  return { device, folder, dev };
}

/** Hides the masked paths and write-protects the read-only ones; those that this kernel does not have are skipped. */
export function guardSteps(tape: Tape, spec: ContainerSpec, masks: Masks | undefined, machine: Machine): void {
  for (const path of spec.readonlyPaths) readOnlySteps(tape, path, machine);
  if (masks === undefined) return;
  for (const path of spec.maskedPaths) maskSteps(tape, path, masks);
  tape.add(
    "unmount the empty tmpfs",
    call.umount2(pathOf(masks.folder), MNT.DETACH),
    "where it was mounted first; it stays where it hides something",
  );
  tape.add(
    "remove the folder of the mask",
    call.rmdirat(masks.dev, FOLDER.slice("/dev/".length)),
    "not needed any more",
  );
}

function maskSteps(tape: Tape, path: string, { device, folder }: Masks): void {
  const done = new Place(`${path} is masked`);
  skipIfMissing(tape, path, done);
  tape.add(
    `mask the file ${path}`,
    call.mount(pathOf(device), path, NULL, MS.BIND),
    "fails with ENOTDIR on a folder",
    { onZero: done, onError: "next" },
  );
  tape.add(
    `mask ${path}`,
    call.mount(pathOf(folder), path, NULL, MS.BIND),
    "an empty folder, read-only like the mount that it is of",
  );
  tape.place(done);
}

function readOnlySteps(tape: Tape, path: string, machine: Machine): void {
  const done = new Place(`${path} is read-only`);
  skipIfMissing(tape, path, done);
  tape.add(
    `bind ${path} onto itself`,
    call.mount(path, path, NULL, MS.BIND | MS.REC),
    "read-only is what a mount can be",
  );
  const protect = machine.mountSetattr
    ? call.mountSetattr(AT, path, AT_RECURSIVE, { set: MOUNT_ATTR.RDONLY })
    : call.mount(NULL, path, NULL, MS.REMOUNT | MS.BIND | MS.RDONLY | BARE);
  tape.add(`make ${path} read-only`, protect, "the container may look but not touch");
  tape.place(done);
}

function skipIfMissing(tape: Tape, path: string, done: Place): void {
  tape.add(`look for ${path}`, call.faccessat2Exists(AT, path), "not every kernel has it", { onError: done });
}
