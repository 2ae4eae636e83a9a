/**
 * The system calls that tapes are made of: one typed function each, parameters in the order of the man page, flags
 * decoded. The numbers are in the tables of seccomp/. Calls that aarch64 never had (open, mkdir, fork, dup2 …) are
 * missing on purpose.
 */
import type { BitNames } from "../../sys/bits.ts";
import {
  AT_EMPTY_PATH,
  AT_RECURSIVE,
  MNT_BITS,
  MOVE_MOUNT_BITS,
  MS_BITS,
  OPEN_TREE_BITS,
  packMountAttr,
} from "../../sys/mount_flags.ts";
import { CLOSE_RANGE_CLOEXEC } from "../../sys/close_on_exec.ts";
import { CLONE_BITS } from "../../sys/namespace.ts";
import { MOUNT_ATTR_BITS } from "../../sys/mount_api.ts";
import { O, OPEN_BITS, packOpenHow, RESOLVE_BITS } from "../../sys/open.ts";
import {
  CLONE_INTO_CGROUP,
  CLONE_PARENT,
  CLONE_PARENT_SETTID,
  CLONE_PIDFD,
  PR,
  SIGNAL,
  WAIT_BITS,
} from "../../sys/process_flags.ts";
import { decodeBits } from "../../sys/bits.ts";
import { type Argument, bytes, flags, type Given, mode, named, NULL, words } from "./argument.ts";

/** A system call with its arguments. */
export interface Call {
  readonly name: string;
  readonly args: readonly Given[];
}

/** A descriptor, an address, or what takes either. */
type Path = string | Given;

function call(name: string, ...args: readonly Given[]): Call {
  return { name, args };
}

export const AT_FDCWD: Argument = named(-100, "AT_FDCWD");
const AT_EACCESS = named(0x200, "AT_EACCESS");
const AT_REMOVEDIR = named(0x200, "AT_REMOVEDIR");
const F_OK = named(0, "F_OK");
const X_OK = named(1, "X_OK");
const ACCESS_BITS: BitNames = { AT_EMPTY_PATH, AT_RECURSIVE };

// files

export function openat(at: Given, path: Path, openFlags: number): Call {
  return call("openat", at, path, named(openFlags, openFlagNames(openFlags)));
}

/** Reading is no bit of its own. */
function openFlagNames(openFlags: number): string {
  const reads = (openFlags & (O.WRONLY | O.RDWR | O.PATH)) === 0;
  return openFlags === 0 ? "O_RDONLY" : `${reads ? "O_RDONLY|" : ""}${decodeBits(openFlags, OPEN_BITS)}`;
}

export function openat2(at: Given, path: Path, openFlags: number, resolve: number): Call {
  const shown = `{flags=${openFlagNames(openFlags)}, resolve=${decodeBits(resolve, RESOLVE_BITS)}}`;
  const how = packOpenHow(openFlags, 0, resolve);
  return call("openat2", at, path, bytes(how, shown), how.length);
}

export const close = (fd: Given): Call => call("close", fd);
export const read = (fd: Given, into: Given, size: number): Call => call("read", fd, into, size);
export const write = (fd: Given, data: Given, size: number): Call => call("write", fd, data, size);
export const pread64 = (fd: Given, into: Given, size: number, offset: number): Call =>
  call("pread64", fd, into, size, offset);
export const pwrite64 = (fd: Given, data: Given, size: number, offset: number): Call =>
  call("pwrite64", fd, data, size, offset);
export const lseek = (fd: Given, offset: Given, whence: Given): Call => call("lseek", fd, offset, whence);

/** The old descriptor stays. With `closeOnExec` the new one ends with the program. */
export function dup3(from: Given, to: number, { closeOnExec }: { closeOnExec: boolean }): Call {
  return call("dup3", from, to, flags(closeOnExec ? O.CLOEXEC : 0, OPEN_BITS));
}

/** Closes a range of descriptors. */
export const closeRange = (first: number, last: Given = LAST): Call => call("close_range", first, last, 0);
const LAST = named(0xffff_ffff, "~0");

/** Marks a range of descriptors close-on-exec (Linux 5.11). */
export const closeRangeOnExec = (first: number): Call =>
  call("close_range", first, LAST, named(CLOSE_RANGE_CLOEXEC, "CLOSE_RANGE_CLOEXEC"));

/** Fails with EBADF if there is no such descriptor. */
export const isOpen = (fd: number): Call => call("fcntl", fd, named(1, "F_GETFD"), 0);

export function setCloseOnExec(fd: number): Call {
  return call("fcntl", fd, named(2, "F_SETFD"), named(1, "FD_CLOEXEC"));
}

/** SIGIO comes to process `pid` whenever something arrives (O_ASYNC, fcntl(2)). */
export const setOwner = (fd: number, pid: Given): Call => call("fcntl", fd, named(8, "F_SETOWN"), pid);
export const setFileFlags = (fd: number, openFlags: number): Call =>
  call("fcntl", fd, named(4, "F_SETFL"), named(openFlags, openFlagNames(openFlags)));

export const mkdirat = (at: Given, path: Path, permissions: number): Call =>
  call("mkdirat", at, path, mode(permissions));
export const symlinkat = (target: string, at: Given, path: Path): Call => call("symlinkat", target, at, path);
export const rmdirat = (at: Given, path: Path): Call => call("unlinkat", at, path, AT_REMOVEDIR);

export function mknodat(at: Given, path: Path, typeAndMode: number, device: Given): Call {
  return call("mknodat", at, path, mode(typeAndMode), device);
}

/** Whether there is something at the path. */
export const faccessat2Exists = (at: Given, path: Path): Call => call("faccessat2", at, path, F_OK, 0);
/** Whether the effective ids may execute the file. */
export const faccessat2Execute = (at: Given, path: Path): Call => call("faccessat2", at, path, X_OK, AT_EACCESS);
/** Asks what kind of file system the path, or the open file, lies in. */
export const statfs = (path: Path, into: Given): Call => call("statfs", path, into);
export const fstatfs = (fd: Given, into: Given): Call => call("fstatfs", fd, into);
export const chdir = (path: Path): Call => call("chdir", path);
export const fchdir = (fd: Given): Call => call("fchdir", fd);
export const getcwd = (into: Given, size: number): Call => call("getcwd", into, size);
export const umask = (mask: number): Call => call("umask", mode(mask));
export const ioctl = (fd: Given, request: Given, argument: Given): Call => call("ioctl", fd, request, argument);
export const socket = (domain: Given, type: Given, protocol: Given): Call => call("socket", domain, type, protocol);
export const connect = (fd: Given, address: Given, size: number): Call => call("connect", fd, address, size);
/** Takes what has arrived, without waiting: EAGAIN when there is nothing, 0 when the other end is closed. */
export const receiveNow = (fd: Given, into: Given, size: number): Call =>
  call("recvfrom", fd, into, size, named(0x40, "MSG_DONTWAIT"), NULL, NULL);
/** How long a call that waits for data does so: then EAGAIN. */
export const receiveTimeout = (fd: Given, milliseconds: number): Call => {
  const time = new BigInt64Array([BigInt(Math.trunc(milliseconds / 1000)), BigInt(milliseconds % 1000) * 1000n]);
  const value = bytes(new Uint8Array(time.buffer), `{${milliseconds} ms}`);
  return call("setsockopt", fd, named(1, "SOL_SOCKET"), named(20, "SO_RCVTIMEO"), value, 16);
};
export const memfdCreate = (name: string): Call => call("memfd_create", name, named(1, "MFD_CLOEXEC"));

// mounts

export function mount(source: Given, target: Path, type: Given, mountFlags: number, data: Given = NULL): Call {
  return call("mount", source, target, type, flags(mountFlags, MS_BITS), data);
}

export const umount2 = (target: Path, how: number): Call => call("umount2", target, flags(how, MNT_BITS));
export const pivotRoot = (newRoot: Path, putOld: Path): Call => call("pivot_root", newRoot, putOld);
export const openTree = (at: Given, path: Path, how: number): Call =>
  call("open_tree", at, path, flags(how, OPEN_TREE_BITS));

/** Puts the mount that `tree` is a descriptor of onto `target`. */
export function moveMount(tree: Given, target: Path, how: number): Call {
  return call("move_mount", tree, "", AT_FDCWD, target, flags(how, MOVE_MOUNT_BITS));
}

/** The same onto what `at` is a descriptor of. */
export function moveMountTo(tree: Given, at: Given, how: number): Call {
  return call("move_mount", tree, "", at, "", flags(how, MOVE_MOUNT_BITS));
}

/** Changes the mounts below a descriptor (with an empty path and AT_EMPTY_PATH) or a path. */
export function mountSetattr(
  at: Given,
  path: Path,
  how: number,
  { set = 0, propagation = 0 }: { set?: number; propagation?: number },
): Call {
  const parts = [
    ...(set ? [`attr_set=${decodeBits(set, MOUNT_ATTR_BITS)}`] : []),
    ...(propagation ? [`propagation=${decodeBits(propagation, MS_BITS)}`] : []),
  ];
  const attr = packMountAttr(set, propagation);
  return call("mount_setattr", at, path, flags(how, ACCESS_BITS), bytes(attr, `{${parts.join(", ")}}`), attr.length);
}

// processes

const CLONE_SIGNAL_BITS: BitNames = {
  ...CLONE_BITS,
  CLONE_PARENT,
  CLONE_PARENT_SETTID,
  CLONE_PIDFD,
  SIGCHLD: SIGNAL.CHLD,
};

/**
 * Forks: the child continues on a copy of the same stack. `tell` is where the kernel puts what CLONE_PIDFD or
 * CLONE_PARENT_SETTID ask for. The first three parameters are the same on both architectures.
 */
export function clone(cloneFlags: number, tell: Given = NULL): Call {
  return call("clone", flags(cloneFlags | SIGNAL.CHLD, CLONE_SIGNAL_BITS), NULL, tell);
}

/** The same for a child that starts in the control group `group`; only `clone3` can say so. */
export function cloneInto(group: Argument, cloneFlags: number, pidfd: Argument = NULL): Call {
  const size = 88; // CLONE_ARGS_SIZE_VER2
  const fields = [BigInt(cloneFlags) | CLONE_INTO_CGROUP, pidfd, 0, 0, SIGNAL.CHLD, 0, 0, 0, 0, 0, group];
  const shown = (argument: Argument) => "shown" in argument ? argument.shown : "";
  const told = [
    `flags=${decodeBits(cloneFlags, CLONE_SIGNAL_BITS)}|CLONE_INTO_CGROUP`.replace("=0|", "="),
    ...pidfd === NULL ? [] : [`pidfd=${shown(pidfd)}`],
    "exit_signal=SIGCHLD",
    `cgroup=${shown(group)}`,
  ];
  return call("clone3", words(fields, `{${told.join(", ")}}`), size);
}

export const pidfdOpen = (pid: Given): Call => call("pidfd_open", pid, 0);
export const setns = (fd: Given, types: number): Call => call("setns", fd, flags(types, CLONE_BITS));
export const unshare = (types: number): Call => call("unshare", flags(types, CLONE_BITS));
export const getpid = (): Call => call("getpid");
export const setpgid = (pid: Given, group: Given): Call => call("setpgid", pid, group);
export const setsid = (): Call => call("setsid");
export const execve = (path: Path, argv: Given, envp: Given): Call => call("execve", path, argv, envp);
export const exitGroup = (code: Given): Call => call("exit_group", code);
export const schedYield = (): Call => call("sched_yield");
export const kill = (pid: Given, signal: Given): Call => call("kill", pid, signal);

export function prctl(option: keyof typeof PR, ...args: readonly Given[]): Call {
  return call("prctl", named(PR[option], `PR_${option}`), ...args, ...[0, 0, 0, 0].slice(args.length));
}

export const wait4 = (pid: Given, status: Given, how: number): Call =>
  call("wait4", pid, status, flags(how, WAIT_BITS), NULL);
export const waitid = (type: Given, id: Given, info: Given, how: number): Call =>
  call("waitid", type, id, info, flags(how, WAIT_BITS), NULL);
/** Sleeps until a signal; with no signal of its own in `set` for ever. */
export const ppollForever = (): Call => call("ppoll", NULL, 0, NULL, NULL, 8);

/** Waits for one of the signals, which are blocked, and gives its number. */
export const rtSigtimedwait = (set: Given): Call => call("rt_sigtimedwait", set, NULL, NULL, 8);
/** The same without waiting: EAGAIN when none of them is pending. */
export const takeSignal = (set: Given): Call =>
  call("rt_sigtimedwait", set, NULL, bytes(new Uint8Array(16), "{0, 0}"), 8);
export const rtSigprocmask = (how: Given, set: Given): Call => call("rt_sigprocmask", how, set, NULL, 8);
export const rtSigaction = (signal: Given, action: Given): Call => call("rt_sigaction", signal, action, NULL, 8);
export const clockGettimeRealtime = (into: Given): Call => call("clock_gettime", named(0, "CLOCK_REALTIME"), into);

/**
 * Gives 0 when the 32 bits at `address` (a multiple of 4) are `expected`, else fails with EAGAIN: what FUTEX_CMP_REQUEUE
 * does when nobody waits at that address. The only "if" that a tape has.
 */
export function compare(address: Given, expected: Given): Call {
  return call("futex", address, named(4 | 128, "FUTEX_CMP_REQUEUE|FUTEX_PRIVATE_FLAG"), 0, 0, address, expected);
}

// rights and limits

export const setgroups = (count: number, list: Given): Call => call("setgroups", count, list);
export const setresuid = (uid: number): Call => call("setresuid", uid, uid, uid);
export const setfsuid = (uid: number): Call => call("setfsuid", uid);
export const setfsgid = (gid: number): Call => call("setfsgid", gid);
export const setresgid = (gid: number): Call => call("setresgid", gid, gid, gid);
export const capset = (header: Given, data: Given): Call => call("capset", header, data);
export const prlimit64 = (resource: Given, limit: Given): Call => call("prlimit64", 0, resource, limit, NULL);
export const sethostname = (name: string): Call => call("sethostname", name, new TextEncoder().encode(name).length);
export const setdomainname = (name: string): Call => call("setdomainname", name, new TextEncoder().encode(name).length);
export const seccompFilter = (program: Given): Call => call("seccomp", named(1, "SECCOMP_SET_MODE_FILTER"), 0, program);
export const joinSessionKeyring = (): Call => call("keyctl", named(1, "KEYCTL_JOIN_SESSION_KEYRING"), NULL);
