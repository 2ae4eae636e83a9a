/**
 * The contract of control groups. A container has one group: in every hierarchy of v1 at the same path, or the one of
 * v2. The manager makes it with its limits, the container's process comes in by its `openEntry()`, and from then on the
 * group answers what is used, freezes, kills, and counts what the OOM killer did; when it is empty it is removed. Nothing
 * here knows containers: limits come in Docker's numbers (base/docker), checked by `checkResources` before; v1/ and v2/
 * turn them into the kernel's with pure functions.
 */
import type { Resources } from "../base/docker/resources.ts";
import type { ContainerStats } from "../base/docker/system.ts";
import type { Fd } from "../sys/fd.ts";
import type { ResourceMachine } from "./machine.ts";

/** One device rule, most general first: `{ allow: false, type: "a", … }` denies all. */
export interface DeviceRule {
  readonly allow: boolean;
  /** all, block or character. */
  readonly type: "a" | "b" | "c";
  /** undefined: any. */
  readonly major?: number;
  readonly minor?: number;
  /** Some of `rwm`. */
  readonly access: string;
}

/** What of Docker's resources a group takes. */
export type GroupResources = Partial<Resources>;

export interface CgroupManager {
  readonly version: 1 | 2;
  /**
   * Makes the group `path` (`/sauropod/ID`, below the root of each hierarchy) with its limits. If anything fails
   * nothing is left. Controllers that the kernel lacks are skipped, unless a limit needs them: then `unavailable`.
   */
  create(path: string, resources: GroupResources, devices: readonly DeviceRule[]): Cgroup;
  /** The group that an earlier engine made; it may be gone already. */
  open(path: string): Cgroup;
  /** What of Docker's limits this kernel can keep; read once. */
  machine(): ResourceMachine;
  /**
   * Removes the group `path` and those above it as far as they are empty. `create` makes the groups above a container's
   * and they stay (the next start is cheaper); the engine does this for `/sauropod` at its end. Never fails.
   */
  removeEmpty(path: string): void;
  /** What a container sees at /sys/fs/cgroup, as plain mount data for the tape; empty when nothing can be shown. */
  mounts(): readonly {
    type: "tmpfs" | "cgroup" | "cgroup2" | "symlink";
    source: string;
    target: string;
    data: string;
  }[];
}

/**
 * How a process gets in without waiting. The obvious way, its pid into `cgroup.procs`, makes the kernel stop all forks
 * and exits of the machine for a moment, and on an idle machine it waits 10 to 20 ms for that (RCU).
 */
export interface CgroupEntry {
  /** v1: `tasks` of each hierarchy, for writing: a thread that moves itself alone takes no such lock (Linux 5.5). */
  readonly tasks: readonly Fd[];
  /** v2: the group's folder: the process is cloned into it (CLONE_INTO_CGROUP, Linux 5.7). */
  readonly group?: Fd;
}

export interface Cgroup {
  readonly path: string;
  /** The ways in, for {@link CgroupEntry}'s user to take and to close. */
  openEntry(): CgroupEntry;
  /** Changes limits of a group in use; the order of memory and swap is right both ways. */
  update(changes: GroupResources): void;
  /** Stops all processes, and settles when they have stopped; `thaw` lets them go on. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Sends SIGKILL to every process in it, also to those that are being forked; frozen ones included. */
  kill(): void;
  /** Host pids of all processes. */
  processes(): number[];
  /** How often the OOM killer took a process of this group. */
  oomKills(): number;
  /**
   * A descriptor that becomes readable when the OOM killer may have taken a process (v1: eventfd on
   * memory.oom_control, v2: inotify on memory.events); undefined where there is no memory controller. Drain it by
   * reading. The caller watches and closes it.
   */
  watchOom(): Fd | undefined;
  /** The figures that Docker's stats have, read from the kernel's files; `networks`, `id` and `name` are not its. */
  stats(): Pick<ContainerStats, "cpu_stats" | "memory_stats" | "blkio_stats" | "pids_stats" | "num_procs">;
  /** Removes it; waits, for a short while, until the kernel has let go of its last process. Gone already is fine. */
  remove(): Promise<void>;
}
