/** What the engine keeps about a container: this object, as a row of the database. */
import type { ContainerConfig, MountPoint } from "../base/docker/container.ts";
import type { HostConfig } from "../base/docker/host_config.ts";
import type { NetworkSettings } from "../base/docker/network.ts";
import type { MountPlan } from "./mount_plan.ts";

export interface ContainerRecord {
  /** 64 hex digits. */
  readonly id: string;
  /** Without slash. */
  name: string;
  /** RFC 3339 with nanoseconds. */
  readonly created: string;
  /** `sha256:…`. */
  readonly imageId: string;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  /** The command: executable, then arguments. */
  readonly command: readonly [string, ...string[]];
  /** As `inspect` shows them. */
  readonly mounts: readonly MountPoint[];
  /** The same as a start needs them; absent in records of engines that had no volumes. */
  readonly mountPlans?: readonly MountPlan[];
  /** Wishes and, while it runs, what has become of them; the order of the networks is that of its interfaces. */
  readonly networkSettings: NetworkSettings;
  /** The hardware addresses that the user has chosen, by network. */
  readonly chosenMacs: Readonly<Record<string, string>>;
  readonly platform: string;
  restartCount: number;
  state: LifecycleState;
}

/** Identity of a process beyond the reuse of its pid: start time in clock ticks since boot (/proc/PID/stat, field 22). */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/** When something happened: RFC 3339 with nanoseconds. */
type Time = string;

/**
 * The life of a container.
 *
 *     created ──start──▶ running ⇄ paused ──end──▶ exited ──start──▶ running …
 *        └────────────────── remove ──────────────────┘──▶ removing
 *
 * `starting` is on disk while the tape is replayed: an engine that finds it after a crash looks whether the process
 * came up, and cleans up if it did not.
 */
export type LifecycleState =
  | { readonly status: "created"; readonly error: string; readonly exitCode: number }
  | { readonly status: "starting"; readonly previous: LifecycleState }
  | {
    readonly status: "running";
    /** `commit`: only as long as its files are read for one, which ends with the engine that does it. */
    readonly paused: boolean | "commit";
    readonly pid: number;
    readonly keeper: ProcessIdentity;
    readonly startedAt: Time;
    /** The user asked for its end: no restart. */
    readonly stopping: boolean;
  }
  | {
    readonly status: "exited";
    readonly exitCode: number;
    readonly error: string;
    readonly oomKilled: boolean;
    readonly startedAt: Time;
    readonly finishedAt: Time;
    /** It ended because the user asked for it. */
    readonly stopped: boolean;
    /** A restart is due after the back-off. */
    readonly restarting: boolean;
  }
  | {
    readonly status: "removing";
    readonly previous: LifecycleState;
    /** With its anonymous volumes. */
    readonly volumes?: boolean;
  };
