/** The mounts that the user asked for, or the image's list of volumes, and Docker's three files in /etc. */
import { S } from "../../sys/attributes.ts";
import { MOUNT_ATTR } from "../../sys/mount_api.ts";
import { AT_EMPTY_PATH, AT_RECURSIVE, MOVE_MOUNT, MS } from "../../sys/mount_flags.ts";
import { O } from "../../sys/open.ts";
import type { MountSpec } from "../container_spec.ts";
import { NULL } from "../tape/argument.ts";
import * as call from "../tape/call.ts";
import { NEXT, Place, type Tape } from "../tape/tape.ts";
import { type Descriptors, pathOf, POINT_AT } from "./descriptors.ts";
import { parentSteps } from "./dev_steps.ts";
import type { Machine } from "./machine.ts";
import { refuseProc } from "./refuse_proc.ts";

const AT = call.AT_FDCWD;

/** How many descriptors the steps of one mount open beside the source. */
export const OPENED_BY_MOUNT = 2;

/** `tree` is the opened source of a bind. */
export function mountSteps(
  tape: Tape,
  mount: MountSpec,
  tree: number | undefined,
  { descriptors, machine }: { descriptors: Descriptors; machine: Machine },
): void {
  const { target } = mount;
  parentSteps(tape, target);
  const isFolder = mount.kind === "tmpfs" || mount.directory;
  const make = isFolder ? call.mkdirat(AT, target, 0o755) : call.mknodat(AT, target, S.IFREG | 0o644, 0);
  tape.add(`make ${target}`, make, "to mount on; it may be there", { onError: NEXT });
  const place = openTarget(tape, target, isFolder, descriptors);
  if (mount.kind === "tmpfs") {
    const data = mount.data === "" ? NULL : mount.data;
    tape.add(`mount tmpfs on ${target}`, call.mount("tmpfs", pathOf(place), "tmpfs", mount.flags, data), "asked for");
  } else if (tree !== undefined) {
    bindSteps(tape, mount.kind === "bind" ? mount : imageBind(mount), { tree, place }, machine);
  }
}

/**
 * Opens what is mounted on, once: a container that shares a volume could lead the path elsewhere between a look at it and
 * the mount (CVE-2021-30465).
 */
function openTarget(tape: Tape, target: string, isFolder: boolean, descriptors: Descriptors): number {
  const reason = "the place itself, whatever becomes of its path";
  const number = descriptors.number();
  const found = new Place(`${target} is open`);
  if (!isFolder) {
    const link = "a link that leads nowhere, as systemd-resolved has one at /etc/resolv.conf, is covered by the file";
    descriptors.holdAs(number, tape, `open ${target} itself`, call.openat(AT, target, POINT_AT | O.NOFOLLOW), link);
  }
  descriptors.holdAs(number, tape, `open ${target}`, call.openat(AT, target, POINT_AT), reason, {
    ...!isFolder && { onError: found },
  });
  tape.place(found);
  refuseProc(tape, target, number);
  return number;
}

/** An image is put in place like a read-only folder. */
function imageBind({ target, directory }: MountSpec & { kind: "image" }): MountSpec & { kind: "bind" } {
  return { kind: "bind", source: "the image", target, directory, readonly: true, recursive: false };
}

const PROPAGATION = { private: MS.PRIVATE, slave: MS.SLAVE, shared: MS.SHARED } as const;

/**
 * Puts an opened source in place. What it may do is settled before anybody can reach it by the path, or, on kernels
 * before 5.12, by its descriptor right after.
 */
function bindSteps(
  tape: Tape,
  mount: MountSpec & { kind: "bind" },
  { tree, place }: { tree: number; place: number },
  machine: Machine,
): void {
  const { source, target, readonly, recursive, writableBelow = false } = mount;
  const kind = (mount.propagation ?? "private").replace(/^r(?=private|slave|shared)/, "") as keyof typeof PROPAGATION;
  const propagation = PROPAGATION[kind];
  const settings = `${readonly ? "read-only, " : ""}${kind}`;
  const put = () =>
    tape.add(
      `mount ${source} on ${target}`,
      call.moveMountTo(tree, place, MOVE_MOUNT.F_EMPTY_PATH | MOVE_MOUNT.T_EMPTY_PATH),
      "the source that was opened on the host, on the place that was opened in the container",
    );
  if (machine.mountSetattr) {
    tape.add(
      `make the mount of ${source} ${settings}`,
      call.mountSetattr(tree, "", AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), {
        set: readonly && !writableBelow ? MOUNT_ATTR.RDONLY : 0,
        propagation,
      }),
      "while nobody can reach it",
    );
    if (readonly && writableBelow) {
      tape.add(
        `make the mount of ${source} itself read-only`,
        call.mountSetattr(tree, "", AT_EMPTY_PATH, { set: MOUNT_ATTR.RDONLY }),
        "and not what is mounted below it, as was asked for",
      );
    }
    put();
    return;
  }
  put();
  tape.add(
    `make the mount of ${source} ${kind}`,
    call.mount(NULL, pathOf(tree), NULL, propagation | (recursive ? MS.REC : 0)),
    "by its descriptor: the path could have been changed",
  );
  if (!readonly) return;
  tape.add(
    `make the mount of ${source} read-only`,
    call.mount(NULL, pathOf(tree), NULL, MS.REMOUNT | MS.BIND | MS.RDONLY),
    "by its descriptor; mounts below it stay writable, this kernel cannot do better at once",
  );
}
