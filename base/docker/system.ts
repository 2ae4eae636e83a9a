/** The engine as a whole, as Docker's Engine API v1.47 shows it: info, version, events, disk use, live figures. */

export interface SystemVersion {
  Platform: { Name: string };
  Components: { Name: string; Version: string; Details: Record<string, string> }[];
  Version: string;
  ApiVersion: string;
  MinAPIVersion: string;
  GitCommit: string;
  GoVersion: string;
  Os: string;
  Arch: string;
  KernelVersion: string;
  BuildTime: string;
}

/** `GET /info`: docker's many fields, and ours. */
export interface SystemInfo {
  ID: string;
  /** Ours: the process id of the engine. */
  EnginePid: number;
  Containers: number;
  ContainersRunning: number;
  ContainersPaused: number;
  ContainersStopped: number;
  Images: number;
  Driver: string;
  DockerRootDir: string;
  CgroupDriver: string;
  CgroupVersion: string;
  KernelVersion: string;
  OperatingSystem: string;
  OSType: string;
  Architecture: string;
  NCPU: number;
  MemTotal: number;
  Name: string;
  ServerVersion: string;
  Warnings: string[];
  [field: string]: unknown;
}

/** A line of `GET /events`. */
export interface EventMessage {
  Type: "container" | "image" | "volume" | "network" | "daemon";
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
  scope: "local";
  /** Seconds, and nanoseconds, since 1970. */
  time: number;
  timeNano: number;
  /** For clients of old: containers and images only. */
  status?: string;
  id?: string;
  from?: string;
}

/** One sample of `GET /containers/{id}/stats`; cgroup v1 and v2 differ in `memory_stats.stats`, as in Docker. */
export interface ContainerStats {
  read: string;
  preread: string;
  id: string;
  name: string;
  num_procs: number;
  pids_stats: { current?: number; limit?: number };
  cpu_stats: CpuStats;
  precpu_stats: CpuStats;
  memory_stats: {
    usage?: number;
    max_usage?: number;
    limit?: number;
    failcnt?: number;
    stats?: Record<string, number>;
  };
  blkio_stats: Record<string, { major: number; minor: number; op: string; value: number }[] | null>;
  networks?: Record<string, Record<string, number>>;
  storage_stats: Record<string, never>;
}

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
  online_cpus?: number;
  throttling_data: { periods: number; throttled_periods: number; throttled_time: number };
}
