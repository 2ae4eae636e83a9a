/**
 * Namespaces of the calling thread. Deno makes synchronous system calls on the thread that JavaScript runs on and
 * asynchronous ones elsewhere, so a visit to another namespace is one synchronous block: there is no function here that
 * enters one and returns from there.
 */
import { type BitNames, decodeBits } from "./bits.ts";
import { describeError } from "../base/errors.ts";
import { ERRNO } from "./errno.ts";
import { Fd } from "./fd.ts";
import { invoke, libc } from "./libc.ts";
import { O, open } from "./open.ts";
import { SyscallError } from "./syscall_error.ts";

/** Namespaces (linux/sched.h). */
export const CLONE = {
  NEWNS: 0x0002_0000,
  NEWCGROUP: 0x0200_0000,
  NEWUTS: 0x0400_0000,
  NEWIPC: 0x0800_0000,
  NEWUSER: 0x1000_0000,
  NEWPID: 0x2000_0000,
  NEWNET: 0x4000_0000,
} as const;
export const CLONE_BITS: BitNames = Object.fromEntries(
  Object.entries(CLONE).map(([name, value]) => [`CLONE_${name}`, value]),
);

/**
 * Those that one thread of several can change and change back. The others are refused by the kernel to a process with
 * threads (user, mount) or concern only its children (pid).
 */
const VISITABLE = { net: CLONE.NEWNET, uts: CLONE.NEWUTS, ipc: CLONE.NEWIPC, cgroup: CLONE.NEWCGROUP } as const;
export type Visitable = keyof typeof VISITABLE;

function setns(namespace: Fd, type: number): void {
  invoke("setns", () => libc().setns(namespace.number, type), () => ({
    object: `descriptor ${namespace.number}`,
    flags: decodeBits(type, CLONE_BITS),
  }));
}

function unshare(types: number): void {
  invoke("unshare", () => libc().unshare(types), () => ({ flags: decodeBits(types, CLONE_BITS) }));
}

/** The namespace that this thread is in. */
export function ownNamespace(kind: Visitable): Fd {
  return open(`/proc/thread-self/ns/${kind}`, O.RDONLY);
}

/**
 * Does `work` inside of `namespace` and comes back. `work` is synchronous; what it opens there (a socket) may be used
 * from anywhere afterwards.
 */
export function withinNamespace<T>(kind: Visitable, namespace: Fd, work: () => T): T {
  return away(kind, () => setns(namespace, VISITABLE[kind]), work);
}

/** A new namespace, kept alive by the descriptor returned. */
export function newNamespace(kind: Visitable): Fd {
  return away(kind, () => unshare(VISITABLE[kind]), () => ownNamespace(kind));
}

function away<T>(kind: Visitable, leave: () => void, work: () => T): T {
  using home = ownNamespace(kind);
  leave();
  let result: T;
  try {
    result = work();
  } finally {
    comeBack(home, kind);
  }
  if (result instanceof Promise) {
    throw new SyscallError("setns", ERRNO.EINVAL, { object: "work that is not synchronous" });
  }
  return result;
}

/** An engine that goes on in a container's namespace would do to the container what is meant for the host. */
function comeBack(home: Fd, kind: Visitable): void {
  try {
    setns(home, VISITABLE[kind]);
  } catch (error) {
    console.error(`cannot go back to the ${kind} namespace of the host, so the process ends: ${describeError(error)}`);
    libc().abort();
  }
}
