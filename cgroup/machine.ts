/** What of Docker's limits a machine can keep: which controllers it has, and which files a group has in them. */
import { CWD, makeDirectory } from "../sys/directory.ts";
import { removeTree } from "./group_folder.ts";
import { readTextOrNothing } from "./kernel_read.ts";
import type { Hierarchy } from "./mount_table.ts";
import { parseNumberList } from "./number_list.ts";

/** The booleans say whether the kernel can keep that limit; the same questions as in docker's sysinfo. */
export interface ResourceMachine {
  readonly version: 1 | 2;
  /** How many CPUs are online. */
  readonly cpus: number;
  /** The CPUs and memory nodes that a group may be bound to, as lists: `0-1`. */
  readonly cpusetCpus: string;
  readonly cpusetMems: string;
  readonly memory: boolean;
  readonly swap: boolean;
  readonly swappiness: boolean;
  readonly reservation: boolean;
  readonly oomKillDisable: boolean;
  readonly pids: boolean;
  readonly cpuShares: boolean;
  readonly cpuQuota: boolean;
  readonly cpuRealtime: boolean;
  readonly cpuset: boolean;
  readonly blkioWeight: boolean;
  readonly blkioWeightDevice: boolean;
  readonly blkioThrottle: boolean;
}

/** Reads a machine with v1. */
export function machineV1(hierarchies: readonly Hierarchy[]): ResourceMachine {
  const files = new Set(hierarchies.flatMap(({ folder }) => filesOfGroup(folder)));
  const cpuset = hierarchies.find(({ controllers }) => controllers.includes("cpuset"))?.folder;
  return {
    version: 1,
    ...processors(`${cpuset}/cpuset.effective_cpus`, `${cpuset}/cpuset.effective_mems`),
    memory: files.has("memory.limit_in_bytes"),
    swap: files.has("memory.memsw.limit_in_bytes"),
    swappiness: files.has("memory.swappiness"),
    reservation: files.has("memory.soft_limit_in_bytes"),
    oomKillDisable: files.has("memory.oom_control"),
    pids: files.has("pids.max"),
    cpuShares: files.has("cpu.shares"),
    cpuQuota: files.has("cpu.cfs_quota_us"),
    cpuRealtime: files.has("cpu.rt_runtime_us"),
    cpuset: files.has("cpuset.cpus"),
    blkioWeight: files.has("blkio.weight") || files.has("blkio.bfq.weight"),
    blkioWeightDevice: files.has("blkio.weight_device") || files.has("blkio.bfq.weight_device"),
    blkioThrottle: files.has("blkio.throttle.read_bps_device"),
  };
}

/** Reads a machine with v2, whose controllers must be enabled at `root`. */
export function machineV2(root: string): ResourceMachine {
  const files = new Set(filesOfGroup(root));
  const weight = files.has("io.weight") || files.has("io.bfq.weight");
  return {
    version: 2,
    ...processors(`${root}/cpuset.cpus.effective`, `${root}/cpuset.mems.effective`),
    memory: files.has("memory.max"),
    swap: files.has("memory.swap.max"),
    swappiness: false, // v2 has neither this nor a way to disable the OOM killer
    reservation: files.has("memory.low"),
    oomKillDisable: false,
    pids: files.has("pids.max"),
    cpuShares: files.has("cpu.weight"),
    cpuQuota: files.has("cpu.max"),
    cpuRealtime: false,
    cpuset: files.has("cpuset.cpus"),
    blkioWeight: weight,
    blkioWeightDevice: weight,
    blkioThrottle: files.has("io.max"),
  };
}

/** A root lacks most files (cgroups(7)), so a group is made for a moment to see which there are. */
function filesOfGroup(root: string): string[] {
  const probe = `${root}/sauropod.probe.${Deno.pid}`;
  makeDirectory(CWD, probe, 0o755);
  try {
    return [...Deno.readDirSync(probe)].map((entry) => entry.name);
  } finally {
    removeTree(probe);
  }
}

function processors(cpusFile: string, memsFile: string): Pick<ResourceMachine, "cpus" | "cpusetCpus" | "cpusetMems"> {
  const online = readTextOrNothing("/sys/devices/system/cpu/online").trim();
  return {
    cpus: parseNumberList(online)?.size ?? navigator.hardwareConcurrency,
    cpusetCpus: readTextOrNothing(cpusFile).trim() || online,
    cpusetMems: readTextOrNothing(memsFile).trim() || "0",
  };
}
