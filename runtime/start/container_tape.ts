/**
 * The start of a container, from top to bottom. Two rules order it:
 *
 * - everything that is taken from the host is opened while the host is still there, and only used afterwards;
 * - everything that is put in place is put there after `pivot_root`, when no path leads out of the container any more.
 *
 * So no symbolic link of an image or a volume can make us read or mount anything of the host, without a single check.
 */
import { KEEPER_FD } from "../keeper_layout.ts";
import { CLONE } from "../../sys/namespace.ts";
import { MS, OPEN_TREE } from "../../sys/mount_flags.ts";
import { O, RESOLVE } from "../../sys/open.ts";
import { packInterfaceFlags, WAIT } from "../../sys/process_flags.ts";
import { ERRNO } from "../../sys/errno.ts";
import { invalid } from "../../base/errors.ts";
import { CAPABILITIES } from "../capabilities.ts";
import type { CgroupMount, ContainerSpec, NamespaceSpecs, Stdio } from "../container_spec.ts";
import { type Argument, bytes, LATER, named, NULL, result, Slot } from "../tape/argument.ts";
import * as call from "../tape/call.ts";
import { NEXT, Place, Tape } from "../tape/tape.ts";
import { setCapabilities } from "./credential_steps.ts";
import { Descriptors, type Passed } from "./descriptors.ts";
import { deviceSteps, devSteps, parentSteps } from "./dev_steps.ts";
import { guardSteps, openMasks } from "./guard_steps.ts";
import { keeperSteps } from "./keeper_steps.ts";
import { type Machine, thisMachine } from "./machine.ts";
import { mountSteps } from "./mount_steps.ts";
import { dieWithKeeper, processSteps, stdioOf } from "./process_steps.ts";
import {
  enterRoot,
  makeRootReadOnly,
  openedByMounts,
  openList,
  openMountSources,
  openSource,
  passTrees,
} from "./root_steps.ts";
import { stepFailed } from "./start_error.ts";
import { oomScoreSteps, writeSteps } from "./write_steps.ts";

/** A tape, and the descriptors that its program must be given beside those of {@link KEEPER_FD}. */
export interface StartTape {
  readonly tape: Tape;
  readonly descriptors: readonly Passed[];
}

const AT = call.AT_FDCWD;
const BARE = MS.NOSUID | MS.NODEV | MS.NOEXEC;

/** Writes the tape that starts a container. The same input gives the same tape. */
export function containerTape(spec: ContainerSpec, stdio: Stdio, machine: Machine = thisMachine()): StartTape {
  const tape = new Tape(machine.arch);
  const opened = openedByMounts(spec.mounts) + spec.devices.length + Object.keys(spec.sysctls).length;
  const descriptors = new Descriptors(opened);
  const streams = stdioOf(stdio, descriptors);
  const tasks = spec.cgroup.tasks.map((fd, i) => descriptors.pass(fd, `tasks ${i + 1}`));
  const group = spec.cgroup.group && descriptors.pass(spec.cgroup.group, "control group");
  const { namespaces } = spec;
  const joined = (["net", "ipc", "uts", "cgroup"] as const).flatMap((kind) => {
    const namespace = namespaces[kind];
    return typeof namespace === "string" ? [] : [{ kind, fd: descriptors.pass(namespace, `${kind} namespace`) }];
  });
  const joinedPid = typeof namespaces.pid === "string" ? undefined : descriptors.pass(namespaces.pid, "pid namespace");
  const shmOf = spec.shm && "of" in spec.shm ? descriptors.pass(spec.shm.of, "mount namespace of /dev/shm") : undefined;
  const devpts = stdio.devpts && descriptors.pass(stdio.devpts, "devpts");
  const copied = passTrees(spec.mounts, descriptors);

  keeperSteps(tape, {
    newNamespaces: CLONE.NEWNS | newNamespaces(namespaces),
    group,
    handsOver: joinedPid !== undefined,
    held: streams.held,
    afterwards: "stay",
  });

  dieWithKeeper(
    tape,
    "nobody would write down how we end; a change of user clears this, so it is said again at the end",
  );
  tape.add(
    "close what is the keeper's",
    call.closeRange(joinedPid === undefined ? KEEPER_FD.record : KEEPER_FD.record + 1, KEEPER_FD.process),
    "record, ends of the streams, terminal: none of the container's business",
  );
  tape.add("set no mode bits aside", call.umask(0), "what is made below gets the modes that are written there");

  // Who we are: control groups before their namespace, which takes the group it finds as its root.
  for (const file of tasks) {
    tape.add(
      "join the control group",
      call.write(file, "0", 1),
      "0 stands for the writer; from here on we are limited",
    );
  }
  if (namespaces.cgroup === "new") {
    tape.add("unshare the cgroup namespace", call.unshare(CLONE.NEWCGROUP), "the groups just joined are seen as /");
  }
  for (const { kind, fd } of joined) {
    tape.add(`join the ${kind} namespace`, call.setns(fd, KIND[kind]), "prepared for this container, or another's");
  }
  if (namespaces.uts === "new") nameSteps(tape, spec);
  if (namespaces.net === "new") loopbackSteps(tape);
  oomScoreSteps(tape, spec.process);

  // The last look at the host.
  const sources = openMountSources(tape, spec.mounts, copied, descriptors);
  const devices = spec.devices.map(({ source }) => openSource(tape, source, false, descriptors));
  const shm = openShm(tape, spec, shmOf, descriptors);
  const trees = enterRoot(tape, spec, openList(tape, descriptors), descriptors);

  // From here on "/" is the container.
  procSteps(tape, spec, joinedPid);
  realFolder(tape, "/dev");
  devSteps(tape, spec, devpts, shm);
  const masks = spec.maskedPaths.length > 0 ? openMasks(tape, descriptors) : undefined;
  deviceSteps(tape, spec, devices);
  sysSteps(tape, spec);
  spec.mounts.forEach((mount, i) => mountSteps(tape, mount, sources[i] ?? trees[i], { descriptors, machine }));
  guardSteps(tape, spec, masks, machine);
  folderSteps(tape, spec.process.cwd);
  if (spec.root.readonly) makeRootReadOnly(tape);
  if (joinedPid !== undefined) joinPid(tape, joinedPid);
  const label = "clone the process into the PID namespace";
  processSteps(tape, spec.process, streams, {
    init: spec.init,
    descriptors,
    machine,
    ...joinedPid !== undefined && { handsOver: { failure: (errno: number) => stepFailed(label, errno) } },
  });
  return { tape, descriptors: descriptors.passed };
}

const KIND = { net: CLONE.NEWNET, ipc: CLONE.NEWIPC, uts: CLONE.NEWUTS, cgroup: CLONE.NEWCGROUP } as const;

/** Those that the clone makes; that of the control groups is unshared once they are joined. */
function newNamespaces({ pid, net, ipc, uts }: NamespaceSpecs): number {
  return (pid === "new" ? CLONE.NEWPID : 0) | (net === "new" ? CLONE.NEWNET : 0) | (ipc === "new" ? CLONE.NEWIPC : 0) |
    (uts === "new" ? CLONE.NEWUTS : 0);
}

function nameSteps(tape: Tape, { hostname, domainname }: ContainerSpec): void {
  tape.add(`set the host name ${hostname}`, call.sethostname(hostname), "of the container's own UTS namespace");
  if (domainname === "") return;
  tape.add(`set the domain name ${domainname}`, call.setdomainname(domainname), "of the container's own UTS namespace");
}

/** A new network namespace has one interface, and that is down. */
function loopbackSteps(tape: Tape): void {
  const SIOCSIFFLAGS = 0x8914, IFF_UP = 0x1, IFF_RUNNING = 0x40, SOCK_DGRAM = 2;
  const opened = tape.add(
    "open a socket",
    call.socket(named(2, "AF_INET"), named(SOCK_DGRAM | O.CLOEXEC, "SOCK_DGRAM|SOCK_CLOEXEC"), 0),
    "any will do for asking about interfaces",
  );
  tape.add(
    "set lo up",
    call.ioctl(
      result(opened),
      named(SIOCSIFFLAGS, "SIOCSIFFLAGS"),
      bytes(packInterfaceFlags("lo", IFF_UP | IFF_RUNNING), "{lo, IFF_UP|IFF_RUNNING}"),
    ),
    "127.0.0.1 works in every container, also in one without a network",
  );
}

function openShm(
  tape: Tape,
  { shm }: ContainerSpec,
  of: Argument | undefined,
  descriptors: Descriptors,
): number | undefined {
  if (of !== undefined) return openShmOf(tape, of, descriptors);
  return shm && "bind" in shm ? openSource(tape, shm.bind, false, descriptors) : undefined;
}

/** The kernel copies mounts of the caller's namespace only (EINVAL), so this one takes a visit to the other container. */
function openShmOf(tape: Tape, namespace: Argument, descriptors: Descriptors): number {
  const home = descriptors.hold(
    tape,
    "open the mount namespace",
    call.openat(AT, "/proc/self/ns/mnt", O.RDONLY | O.CLOEXEC),
    "the way back",
  );
  const away = "nothing of it is executed, and none of its processes may look into us";
  tape.add("visit the mount namespace of the other container", call.setns(namespace, CLONE.NEWNS), away);
  const shm = descriptors.hold(
    tape,
    "open its /dev/shm",
    call.openTree(AT, "/dev/shm", OPEN_TREE.CLONE | OPEN_TREE.CLOEXEC),
    "a copy of the mount: the same files, one size for both",
  );
  tape.add("come back", call.setns(home, CLONE.NEWNS), "root and working directory are the host's again");
  return shm;
}

/**
 * Makes sure that an image has a plain folder at `path`, and nothing that leads elsewhere: what we mount there would
 * land there too (CVE-2019-19921, CVE-2026-41579).
 */
function realFolder(tape: Tape, path: string): void {
  tape.add(`make ${path}`, call.mkdirat(AT, path, 0o755), "an image may lack it", { onError: NEXT });
  tape.add(
    `check ${path}`,
    call.openat2(
      AT,
      path,
      O.PATH | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC,
      RESOLVE.NO_SYMLINKS | RESOLVE.NO_MAGICLINKS,
    ),
    "an image that has a link there is refused; nothing runs yet that could change it after this look",
    {
      failure: (errno) =>
        errno === ERRNO.ELOOP || errno === ERRNO.ENOTDIR
          ? invalid(`the image is refused: its ${path} is a symbolic link or a file, not a folder`)
          : stepFailed(`check ${path}`, errno),
    },
  );
}

function procSteps(tape: Tape, { sysctls }: ContainerSpec, joinedPid: Argument | undefined): void {
  realFolder(tape, "/proc");
  if (joinedPid !== undefined) mountProcInside(tape, joinedPid);
  else {
    tape.add(
      "mount proc on /proc",
      call.mount("proc", "/proc", "proc", BARE),
      "first of all: it shows the PID namespace of who mounts it",
    );
  }
  for (const [name, value] of Object.entries(sysctls)) {
    writeSteps(tape, `/proc/sys/${name}`, value, "before the user's mounts, and before /proc/sys is made read-only");
  }
}

/**
 * The same from inside a PID namespace that we are not in ourselves yet. Others live there, and one of them may be able
 * to make the one who comes use its rights; so it has no more than it takes, and before it is seen (see hand_over.ts).
 */
function mountProcInside(tape: Tape, namespace: Argument): void {
  const helper = new Place("who is sent"), mounter = new Place("who mounts"), done = new Place("proc is mounted");
  const first = new Slot(0), second = new Slot(0);
  const wait = (label: string, slot: Slot) =>
    tape.add(label, call.wait4(LATER, NULL, WAIT.WALL), "what fails there is reported from there", { slots: [slot] });
  tape.add("clone somebody to be sent", call.clone(0), "who gives up what we still need", {
    onZero: helper,
    save: first,
  });
  wait("wait for who is sent", first);
  tape.add("go on", call.schedYield(), "always gives 0, and so is a jump", { onZero: done });
  tape.place(helper);
  tape.add("go to /proc", call.chdir("/proc"), "while we may go anywhere");
  joinPid(tape, namespace);
  tape.add("close all but the report", call.closeRange(KEEPER_FD.report + 1), "nothing of the host comes along");
  const admin = 1n << BigInt(CAPABILITIES.CAP_SYS_ADMIN);
  setCapabilities(tape, { effective: admin, permitted: admin }, "the one that mount asks for");
  tape.add("clone who mounts", call.clone(0), "the first of us that is seen there", { onZero: mounter, save: second });
  wait("wait for who mounts", second);
  tape.add("leave", call.exitGroup(0), "done");
  tape.place(mounter);
  tape.add("mount proc on /proc", call.mount("proc", ".", "proc", BARE), "it shows the PID namespace of who mounts it");
  tape.add("leave", call.exitGroup(0), "done");
  tape.place(done);
}

function joinPid(tape: Tape, namespace: Argument): void {
  const reason = "those whom the caller clones get into it, not the caller";
  tape.add("join the PID namespace of the other", call.setns(namespace, CLONE.NEWPID), reason);
}

function sysSteps(tape: Tape, { privileged, cgroupMounts }: ContainerSpec): void {
  const readOnly = privileged ? 0 : MS.RDONLY;
  realFolder(tape, "/sys");
  tape.add(
    "mount sysfs on /sys",
    call.mount("sysfs", "/sys", "sysfs", BARE | readOnly),
    "shows the network namespace that it is mounted in; settings of the host's hardware stay out of reach",
  );
  for (const mount of cgroupMounts) cgroupSteps(tape, mount, readOnly);
  if (readOnly !== 0 && cgroupMounts[0]?.type === "tmpfs") {
    tape.add(
      "make /sys/fs/cgroup read-only",
      call.mount(NULL, "/sys/fs/cgroup", NULL, MS.REMOUNT | MS.BIND | BARE | MS.RDONLY),
      "all hierarchies are in it",
    );
  }
}

function cgroupSteps(tape: Tape, { type, source, target, data }: CgroupMount, readOnly: number): void {
  const path = target === "" ? "/sys/fs/cgroup" : `/sys/fs/cgroup/${target}`;
  if (type === "symlink") {
    tape.add(
      `link ${path}`,
      call.symlinkat(source, AT, path),
      "a hierarchy of several controllers has a name for each",
    );
    return;
  }
  if (target !== "") tape.add(`make ${path}`, call.mkdirat(AT, path, 0o755), "to mount on");
  const flags = type === "tmpfs" ? BARE | MS.STRICTATIME : BARE | MS.RELATIME | readOnly;
  const reason = type === "tmpfs"
    ? "one folder per hierarchy comes into it"
    : "the container's own groups are its root";
  tape.add(`mount ${type} on ${path}`, call.mount(source, path, type, flags, data === "" ? NULL : data), reason);
}

/** The working directory, made like Docker does where the image lacks it. */
function folderSteps(tape: Tape, cwd: string): void {
  parentSteps(tape, cwd);
  if (cwd === "/") return;
  tape.add(`make ${cwd}`, call.mkdirat(AT, cwd, 0o755), "the working directory; it may be there", { onError: NEXT });
}
