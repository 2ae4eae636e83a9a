/** Limits of a container as Docker's Engine API v1.47 has them ("Resources"); cgroup/ turns them into the kernel's. */

/** Limits, in Docker's units; 0, null or absent means no limit. */
export interface Resources {
  /** Share of CPU time against others when it is short, 2 to 262144; 0 means the kernel's 1024. */
  CpuShares: number;
  /** Bytes, 6 MiB at least; an update takes -1 to lift the limit. */
  Memory: number;
  /** 10^-9 of a CPU: 1500000000 is one and a half. Excludes `CpuPeriod` and `CpuQuota`. */
  NanoCpus: number;
  /** The group that the container's own is made in, from the root of each hierarchy; empty means the engine's. */
  CgroupParent: string;
  /** Share of disk time against others, 10 to 1000. */
  BlkioWeight: number;
  /** The same for single disks, by the path of the host's node. */
  BlkioWeightDevice: { Path: string; Weight: number }[] | null;
  /** Bytes read per second. */
  BlkioDeviceReadBps: ThrottleDevice[] | null;
  /** Bytes written per second. */
  BlkioDeviceWriteBps: ThrottleDevice[] | null;
  /** Read requests per second. */
  BlkioDeviceReadIOps: ThrottleDevice[] | null;
  /** Write requests per second. */
  BlkioDeviceWriteIOps: ThrottleDevice[] | null;
  /** Microseconds over which `CpuQuota` is counted, 1000 to 1000000; 0 means 100000. */
  CpuPeriod: number;
  /** Microseconds of CPU time in each period, 1000 at least; 0 or -1 means no limit. */
  CpuQuota: number;
  /** Microseconds over which `CpuRealtimeRuntime` is counted; cgroup v1 only. */
  CpuRealtimePeriod: number;
  /** Microseconds of each period that real-time threads may have; cgroup v1 only. */
  CpuRealtimeRuntime: number;
  /** CPUs that may be used, `0-2,7`; empty means all. */
  CpusetCpus: string;
  /** Memory nodes that may be used, in the same form. */
  CpusetMems: string;
  /** Nodes of the host that appear in the container, as `--device` names them. */
  Devices: DeviceMapping[] | null;
  /** Further rights on devices, without a node, in the words of cgroup v1: `c 10:200 rw`. */
  DeviceCgroupRules: string[] | null;
  /** GPUs and the like, of Docker's `--gpus`; kept and shown, without effect yet. */
  DeviceRequests: unknown[] | null;
  /** Bytes that it should keep when memory is short, at most `Memory`. */
  MemoryReservation: number;
  /** Bytes of memory plus swap; 0 means twice `Memory`, -1 unlimited swap. */
  MemorySwap: number;
  /** 0 to 100, how readily anonymous memory is swapped out; null means as the host; cgroup v1 only. */
  MemorySwappiness: number | null;
  /** Out of memory then means waiting instead of dying; null means not asked for; cgroup v1 only. */
  OomKillDisable: boolean | null;
  /** Processes and threads together; 0, -1 or null means no limit. */
  PidsLimit: number | null;
  /** Limits of each process, by the name without `RLIMIT_` in lower case: `nofile`; -1 means unlimited. */
  Ulimits: { Name: string; Hard: number; Soft: number }[] | null;
}

/** A limit for one disk. */
export interface ThrottleDevice {
  /** The host's device node, `/dev/sda`. */
  Path: string;
  /** Bytes or requests per second, by the list that it stands in. */
  Rate: number;
}

/** One `--device`. */
export interface DeviceMapping {
  /** A node of the host, or a folder that stands for all nodes below it. */
  PathOnHost: string;
  /** Where it appears. */
  PathInContainer: string;
  /** Some of `rwm`: read, write, make the node; empty means all. */
  CgroupPermissions: string;
}
