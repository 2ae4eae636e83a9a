/** The engine as a whole, as Docker's Engine API v1.47 shows it: info, version, events, disk use, live figures. */

/** The answer of `GET /version`; the fields after `Components` are those of its first. */
export interface SystemVersion {
  /** The product: `Sauropod`. */
  Platform: { Name: string };
  /** The engine itself, then what it runs on. */
  Components: { Name: string; Version: string; Details: Record<string, string> }[];
  /** Of the engine. */
  Version: string;
  /** The newest version of Docker's API that is spoken. */
  ApiVersion: string;
  /** The oldest one. */
  MinAPIVersion: string;
  /** Empty: releases are named by version. */
  GitCommit: string;
  /** What Docker's clients show as the runtime: `deno` and its version. */
  GoVersion: string;
  /** `linux`. */
  Os: string;
  /** In the words of Go: `amd64`, `arm64`. */
  Arch: string;
  /** As `uname -r` has it. */
  KernelVersion: string;
  /** Empty, as `GitCommit`. */
  BuildTime: string;
}

/** `GET /info`: docker's many fields, and ours. */
export interface SystemInfo {
  /** Stays as long as the machine and the state folder do. */
  ID: string;
  /** Ours: the process id of the engine. */
  EnginePid: number;
  /** All of them, whatever their state. */
  Containers: number;
  /** Those that wait for their restart too. */
  ContainersRunning: number;
  /** Those whose processes are frozen. */
  ContainersPaused: number;
  /** All others, also those never started. */
  ContainersStopped: number;
  /** With those that have no name. */
  Images: number;
  /** Docker's word for how layers are stored: `overlay2`. */
  Driver: string;
  /** The state folder (`--root`). */
  DockerRootDir: string;
  /** `cgroupfs`: the engine writes to the kernel's files itself. */
  CgroupDriver: string;
  /** `1` (hybrid too) or `2`. */
  CgroupVersion: string;
  /** As `uname -r` has it. */
  KernelVersion: string;
  /** The distribution as os-release(5) calls itself. */
  OperatingSystem: string;
  /** `linux`. */
  OSType: string;
  /** In the words of the kernel: `x86_64`, `aarch64`. */
  Architecture: string;
  /** How many CPUs the engine may use. */
  NCPU: number;
  /** Bytes of the machine's memory. */
  MemTotal: number;
  /** The host's name. */
  Name: string;
  /** Version of the engine. */
  ServerVersion: string;
  /** What of Docker's limits this machine cannot keep, in Docker's sentences. */
  Warnings: string[];
  /** Docker's further fields, as they are on the wire. */
  [field: string]: unknown;
}

/** A line of `GET /events`. */
export interface EventMessage {
  /** The kind of object that it happened to. */
  Type: "container" | "image" | "volume" | "network" | "daemon";
  /** The verb, for execs with the command: `start`, `die`, `exec_start: ls`. */
  Action: string;
  /** The object, and what Docker tells of it: labels, `name`, `image`, `exitCode` … */
  Actor: { ID: string; Attributes: Record<string, string> };
  /** The other scope is Swarm's. */
  scope: "local";
  /** Seconds since 1970. */
  time: number;
  /** Nanoseconds since 1970, as a double has them: not exact to the nanosecond. */
  timeNano: number;
  /** `Action` again, for clients of old: of containers and images only. */
  status?: string;
  /** `Actor.ID` again. */
  id?: string;
  /** The image, of containers only. */
  from?: string;
}

/** One sample of `GET /containers/{id}/stats`; cgroup v1 and v2 differ in `memory_stats.stats`, as in Docker. */
export interface ContainerStats {
  /** When the sample was taken, RFC 3339; `0001-01-01T00:00:00Z` when it does not run. */
  read: string;
  /** When the one before was taken; `0001-01-01T00:00:00Z` for the first. */
  preread: string;
  /** 64 hexadecimal digits. */
  id: string;
  /** With a leading slash. */
  name: string;
  /** Docker counts on Windows only; 0. */
  num_procs: number;
  /** Processes and threads now, and how many may be; no limit is left out. */
  pids_stats: { current?: number; limit?: number };
  /** Since the container's start. */
  cpu_stats: CpuStats;
  /** `cpu_stats` of the sample before; the use in percent follows from both. */
  precpu_stats: CpuStats;
  /** Bytes, and how often the limit was hit; a limit of none is the machine's memory. */
  memory_stats: {
    usage?: number;
    max_usage?: number;
    limit?: number;
    failcnt?: number;
    stats?: Record<string, number>;
  };
  /** By list and disk; null where the kernel does not count. */
  blkio_stats: Record<string, { major: number; minor: number; op: string; value: number }[] | null>;
  /** Bytes, packets, errors and drops since the start, by interface; absent in the host's network. */
  networks?: Record<string, Record<string, number>>;
  /** Of Windows; empty. */
  storage_stats: Record<string, never>;
}

/** CPU time of a container, and of the machine to compare it with. */
export interface CpuStats {
  /** Nanoseconds. */
  cpu_usage: {
    total_usage: number;
    percpu_usage?: number[];
    usage_in_kernelmode: number;
    usage_in_usermode: number;
  };
  /** Nanoseconds that all CPUs of the host have had. */
  system_cpu_usage?: number;
  /** How many CPUs the machine has in use. */
  online_cpus?: number;
  /** Periods of the quota, those in which it was used up, and nanoseconds spent waiting. */
  throttling_data: { periods: number; throttled_periods: number; throttled_time: number };
}

/** Something in the state folder that is not as it must be. */
export interface StoreProblem {
  /** What is wrong: a stable word for programs, `layer-missing`, `layer-orphan`, `image-config`, … */
  Kind: string;
  /** What it is about: a digest, an id, a name, a path below the state folder. */
  Object: string;
  /** The whole sentence for people. */
  Detail: string;
  /** Whether it was put right just now. */
  Repaired: boolean;
}

/** The answer of `POST /system/check`, which is ours. */
export interface StoreCheck {
  /** Things that were looked at, by kind: `{ "layers": 12 }`. */
  Checked: Record<string, number>;
  /** Empty when all is well. */
  Problems: StoreProblem[];
}
