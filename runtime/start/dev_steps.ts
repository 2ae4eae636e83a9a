/** What a container finds in /dev. */
import { S } from "../../sys/attributes.ts";
import { MOVE_MOUNT, MS } from "../../sys/mount_flags.ts";
import { deviceNumber } from "../../sys/process_flags.ts";
import type { ContainerSpec } from "../container_spec.ts";
import { type Argument, named, NULL } from "../tape/argument.ts";
import * as call from "../tape/call.ts";
import { NEXT, type Tape } from "../tape/tape.ts";
import { pathOf } from "./descriptors.ts";
import { refuseProc } from "./refuse_proc.ts";

const AT = call.AT_FDCWD;

/** Name, major, minor: the same on every Linux (Documentation/admin-guide/devices.txt). */
const NODES = [
  ["null", 1, 3],
  ["zero", 1, 5],
  ["full", 1, 7],
  ["random", 1, 8],
  ["urandom", 1, 9],
  ["tty", 5, 0],
] as const;

/** Link, target. */
const LINKS = [
  ["fd", "/proc/self/fd"],
  ["stdin", "/proc/self/fd/0"],
  ["stdout", "/proc/self/fd/1"],
  ["stderr", "/proc/self/fd/2"],
  ["ptmx", "pts/ptmx"],
  ["core", "/proc/kcore"],
] as const;

/**
 * Mounts /dev and fills it. Until the user's mounts come all of it is ours, so paths below are what they seem. The umask
 * is 0 meanwhile. `devpts` and `shm` are descriptors of mounts that were made or opened before.
 */
export function devSteps(tape: Tape, spec: ContainerSpec, devpts: Argument | undefined, shm: number | undefined): void {
  tape.add(
    "mount tmpfs on /dev",
    call.mount("tmpfs", "/dev", "tmpfs", MS.NOSUID | MS.STRICTATIME, "mode=755,size=65536k"),
    "devices come from us alone: none that an image brings, none of the host but those below",
  );
  for (const [name, major, minor] of NODES) {
    const device = named(deviceNumber(major, minor), `makedev(${major}, ${minor})`);
    tape.add(
      `make /dev/${name}`,
      call.mknodat(AT, `/dev/${name}`, S.IFCHR | 0o666, device),
      "one of the six that every program may expect",
    );
  }
  for (const [name, target] of LINKS) {
    tape.add(`link /dev/${name}`, call.symlinkat(target, AT, `/dev/${name}`), `${name} is found through ${target}`);
  }
  terminals(tape, spec, devpts);
  sharedMemory(tape, spec, shm);
  tape.add("make /dev/mqueue", call.mkdirat(AT, "/dev/mqueue", 0o755), "to mount on");
  tape.add(
    "mount mqueue on /dev/mqueue",
    call.mount("mqueue", "/dev/mqueue", "mqueue", MS.NOSUID | MS.NODEV | MS.NOEXEC),
    "the POSIX message queues of the IPC namespace",
  );
}

function terminals(tape: Tape, spec: ContainerSpec, devpts: Argument | undefined): void {
  tape.add("make /dev/pts", call.mkdirat(AT, "/dev/pts", 0o755), "to mount on");
  if (devpts === undefined) {
    tape.add(
      "mount devpts on /dev/pts",
      call.mount(
        "devpts",
        "/dev/pts",
        "devpts",
        MS.NOSUID | MS.NOEXEC,
        "newinstance,ptmxmode=0666,mode=0620,gid=5",
      ),
      "terminals of its own, numbered from 0, that nobody else sees",
    );
  } else {
    tape.add(
      "move the devpts of the terminal to /dev/pts",
      call.moveMount(devpts, "/dev/pts", MOVE_MOUNT.F_EMPTY_PATH),
      "the engine made it and opened the first terminal in it, so that no process could interfere (CVE-2025-52565)",
    );
  }
  if (!spec.process.terminal) return;
  tape.add("make /dev/console", call.mknodat(AT, "/dev/console", S.IFREG | 0o600, 0), "to mount on");
  tape.add(
    "bind the terminal to /dev/console",
    call.mount("/dev/pts/0", "/dev/console", NULL, MS.BIND),
    "the first of this devpts is ours; nothing of the container has run yet that could have changed the path",
  );
}

function sharedMemory(tape: Tape, spec: ContainerSpec, shm: number | undefined): void {
  if (spec.shm === undefined) return;
  tape.add("make /dev/shm", call.mkdirat(AT, "/dev/shm", 0o1777), "to mount on");
  if (shm !== undefined) {
    tape.add(
      "put the shared /dev/shm in place",
      call.moveMount(shm, "/dev/shm", MOVE_MOUNT.F_EMPTY_PATH),
      "shared memory goes with the IPC namespace, which is another's",
    );
    tape.add("make its mount private", call.mount(NULL, "/dev/shm", NULL, MS.PRIVATE), PRIVATE_REASON);
    return;
  }
  const size = "size" in spec.shm ? spec.shm.size : 0;
  tape.add(
    "mount tmpfs on /dev/shm",
    call.mount("shm", "/dev/shm", "tmpfs", MS.NOSUID | MS.NODEV | MS.NOEXEC, `mode=1777,size=${size}`),
    "POSIX shared memory, limited",
  );
}

const PRIVATE_REASON = "the copy of a shared mount is shared: what is mounted on it would appear on the host";

/** The devices that were asked for, bound from opened nodes of the host; `opened` is in the order of the list. */
export function deviceSteps(tape: Tape, spec: ContainerSpec, opened: readonly number[]): void {
  spec.devices.forEach(({ target }, i) => {
    const tree = opened[i];
    if (tree === undefined) return;
    parentSteps(tape, target);
    tape.add(
      `make ${target}`,
      call.mknodat(AT, target, S.IFREG | 0o666, 0),
      "to mount on; it may be there",
      { onError: NEXT },
    );
    refuseProc(tape, target);
    tape.add(
      `put the device at ${target}`,
      call.moveMount(tree, target, MOVE_MOUNT.F_EMPTY_PATH | MOVE_MOUNT.T_SYMLINKS),
      "the very node that was opened on the host",
    );
    tape.add(`make the mount of ${target} private`, call.mount(NULL, pathOf(tree), NULL, MS.PRIVATE), PRIVATE_REASON);
  });
}

/** `mkdir -p` of the folder that `path` lies in. */
export function parentSteps(tape: Tape, path: string): void {
  const parts = path.split("/").filter((part) => part !== "");
  for (let i = 1; i < parts.length; i++) {
    const folder = "/" + parts.slice(0, i).join("/");
    if (GIVEN.has(folder)) continue;
    tape.add(`make ${folder}`, call.mkdirat(AT, folder, 0o755), "it may be there; the next steps find out", {
      onError: NEXT,
    });
  }
}

/** Folders that are always there by now. */
const GIVEN: ReadonlySet<string> = new Set(["/dev", "/proc", "/sys"]);
