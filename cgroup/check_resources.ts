/**
 * Docker's rules for limits, in Docker's sentences (moby, daemon_unix.go): what is wrong is refused, and what this
 * machine cannot keep is taken away with a warning.
 */
import { invalid } from "../base/errors.ts";
import type { GroupResources } from "./cgroup.ts";
import { clampShares } from "./cpu_quota.ts";
import type { ResourceMachine } from "./machine.ts";
import { parseNumberList } from "./number_list.ts";

/** The limits of a host configuration, and the one beside them that is checked alike. */
export type LimitRequest = GroupResources & { readonly OomScoreAdj?: number };

export interface CheckedResources<R> {
  readonly resources: R;
  /** Sentences for the user: what was taken away, and what is risky. */
  readonly warnings: string[];
}

interface Draft {
  readonly resources: { -readonly [K in keyof LimitRequest]: LimitRequest[K] };
  readonly machine: ResourceMachine;
  readonly warnings: string[];
  readonly update: boolean;
}

/**
 * Checks the limits of a container to be created, or with `update` the changes to one, and fills in what follows from
 * them (swap: as much again as memory). The given object is left as it is.
 * @throws {EngineError} `invalid`
 */
export function checkResources<R extends LimitRequest>(
  resources: R,
  machine: ResourceMachine,
  { update = false }: { readonly update?: boolean } = {},
): CheckedResources<R> {
  const copy = { ...resources };
  const draft: Draft = { resources: copy, machine, warnings: [], update };
  checkMemory(draft);
  checkReclaim(draft);
  checkCpu(draft);
  checkCpuset(draft);
  checkBlkio(draft);
  return { resources: copy, warnings: draft.warnings };
}

/** Docker's least memory: below it a container does not even start. */
const LEAST_MEMORY = 6 << 20;

function checkMemory({ resources, machine, warnings, update }: Draft): void {
  const { Memory = 0 } = resources;
  if (Memory !== 0 && Memory < LEAST_MEMORY && !(update && Memory === -1)) {
    throw invalid("Minimum memory limit allowed is 6MB");
  }
  if (Memory > 0 && !resources.MemorySwap && !update) resources.MemorySwap = 2 * Memory;
  const swap = resources.MemorySwap ?? 0;
  if (Memory > 0 && swap > 0 && swap < Memory) {
    throw invalid("Minimum memoryswap limit should be larger than memory limit, see usage");
  }
  if (Memory === 0 && swap > 0 && !update) {
    throw invalid("You should always set the Memory limit when using Memoryswap limit, see usage");
  }
  const { MemoryReservation = 0 } = resources;
  if (MemoryReservation > 0 && MemoryReservation < LEAST_MEMORY) {
    throw invalid("Minimum memory reservation allowed is 6MB");
  }
  if (Memory > 0 && MemoryReservation > 0 && Memory < MemoryReservation) {
    throw invalid("Minimum memory limit can not be less than memory reservation limit, see usage");
  }
  if (Memory > 0 && !machine.memory) {
    warnings.push(
      "Your kernel does not support memory limit capabilities or the cgroup is not mounted. Limitation discarded.",
    );
    Object.assign(resources, { Memory: 0, MemorySwap: 0 });
  } else if (swap > 0 && !machine.swap) {
    warnings.push(
      "Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.",
    );
    resources.MemorySwap = 0;
  } else if (swap === -1 && !machine.swap) {
    resources.MemorySwap = 0; // no limit where none can be set: there is nothing to write
  }
  if (MemoryReservation > 0 && !machine.reservation) {
    warnings.push(
      "Your kernel does not support memory soft limit capabilities or the cgroup is not mounted. Limitation discarded.",
    );
    resources.MemoryReservation = 0;
  }
}

/** What happens when memory is short; and the number of processes. */
function checkReclaim({ resources, machine, warnings, update }: Draft): void {
  if (resources.MemorySwappiness === -1) resources.MemorySwappiness = null; // clients of old mean "not set"
  const { MemorySwappiness: swappiness = null, OomKillDisable = null, PidsLimit = null, OomScoreAdj = 0 } = resources;
  if (swappiness !== null && (swappiness < 0 || swappiness > 100)) {
    throw invalid(`Invalid value: ${swappiness}, valid memory swappiness range is 0-100`);
  }
  if (OomScoreAdj < -1000 || OomScoreAdj > 1000) {
    throw invalid(`Invalid value ${OomScoreAdj}, range for oom score adj is [-1000, 1000]`);
  }
  if (swappiness !== null && !machine.swappiness) {
    warnings.push(
      "Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. " +
        "Memory swappiness discarded.",
    );
    resources.MemorySwappiness = null;
  }
  if (OomKillDisable !== null && !machine.oomKillDisable) {
    if (OomKillDisable) warnings.push("Your kernel does not support OomKillDisable. OomKillDisable discarded.");
    resources.OomKillDisable = null;
  } else if (OomKillDisable && !resources.Memory && !update) {
    warnings.push(
      "OOM killer is disabled for the container, but no memory limit is set, " +
        "this can result in the system running out of resources.",
    );
  }
  if (PidsLimit !== null && !machine.pids) {
    if (PidsLimit > 0) {
      warnings.push(
        "Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.",
      );
    }
    resources.PidsLimit = null;
  }
}

function checkCpu({ resources, machine, warnings }: Draft): void {
  const { NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0, CpuShares = 0 } = resources;
  if (NanoCpus > 0 && CpuPeriod > 0) {
    throw invalid("Conflicting options: Nano CPUs and CPU Period cannot both be set");
  }
  if (NanoCpus > 0 && CpuQuota > 0) {
    throw invalid("Conflicting options: Nano CPUs and CPU Quota cannot both be set");
  }
  if (NanoCpus > 0 && !machine.cpuQuota) {
    throw invalid(
      "NanoCPUs can not be set, as your kernel does not support CPU CFS scheduler or the cgroup is not mounted",
    );
  }
  if (NanoCpus < 0 || NanoCpus > machine.cpus * 1e9) {
    const { cpus } = machine;
    throw invalid(`Range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`);
  }
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000)) {
    throw invalid("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
  }
  if (CpuQuota > 0 && CpuQuota < 1000) throw invalid("CPU cfs quota can not be less than 1ms (i.e. 1000)");
  if (CpuShares < 0) throw invalid(`invalid CPU shares (${CpuShares}): value must be a positive integer`);
  checkRealtime(resources, machine);
  if (CpuShares > 0) resources.CpuShares = clampShares(CpuShares);
  if (CpuShares > 0 && !machine.cpuShares) {
    warnings.push("Your kernel does not support CPU shares or the cgroup is not mounted. Shares discarded.");
    resources.CpuShares = 0;
  }
  if ((CpuPeriod !== 0 || CpuQuota !== 0) && !machine.cpuQuota) {
    warnings.push("Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.");
    Object.assign(resources, { CpuPeriod: 0, CpuQuota: 0 });
  }
}

function checkRealtime(resources: LimitRequest, machine: ResourceMachine): void {
  const { CpuRealtimePeriod: period = 0, CpuRealtimeRuntime: runtime = 0 } = resources;
  if ((period !== 0 || runtime !== 0) && !machine.cpuRealtime) {
    throw invalid("kernel does not support CPU real-time scheduler");
  }
  if (period !== 0 && runtime > period) {
    throw invalid("cpu real-time runtime cannot be higher than cpu real-time period");
  }
}

function checkCpuset({ resources, machine, warnings }: Draft): void {
  const { CpusetCpus = "", CpusetMems = "" } = resources;
  if (CpusetCpus === "" && CpusetMems === "") return;
  const rows = [
    { list: CpusetCpus, what: "cpus", noun: "CPUs", available: machine.cpusetCpus },
    { list: CpusetMems, what: "mems", noun: "memory nodes", available: machine.cpusetMems },
  ];
  for (const { list, what, noun, available } of rows) {
    const wanted = parseNumberList(list);
    if (wanted === undefined) throw invalid(`Invalid value ${list} for cpuset ${what}`);
    if (machine.cpuset && !wanted.isSubsetOf(parseNumberList(available) ?? new Set())) {
      throw invalid(`Requested ${noun} are not available - requested ${list}, available: ${available}`);
    }
  }
  if (machine.cpuset) return;
  warnings.push("Your kernel does not support cpuset or the cgroup is not mounted. CPUset discarded.");
  Object.assign(resources, { CpusetCpus: "", CpusetMems: "" });
}

/** The throttles: Docker's field, and how its sentence calls it in either half. */
const THROTTLES = [
  { field: "BlkioDeviceReadBps", support: "BPS Block I/O read limit", discarded: "Block I/O BPS read limit" },
  { field: "BlkioDeviceWriteBps", support: "BPS Block I/O write limit", discarded: "Block I/O BPS write limit" },
  { field: "BlkioDeviceReadIOps", support: "IOPS Block read limit", discarded: "Block I/O IOPS read limit" },
  { field: "BlkioDeviceWriteIOps", support: "IOPS Block write limit", discarded: "Block I/O IOPS write limit" },
] as const;

function checkBlkio({ resources, machine, warnings }: Draft): void {
  const { BlkioWeight = 0, BlkioWeightDevice } = resources;
  const weights = [BlkioWeight, ...(BlkioWeightDevice ?? []).map(({ Weight }) => Weight)];
  if (weights.some((weight) => weight !== 0 && (weight < 10 || weight > 1000))) {
    throw invalid("Range of blkio weight is from 10 to 1000");
  }
  const warn = (support: string, discarded: string) =>
    warnings.push(`Your kernel does not support ${support} or the cgroup is not mounted. ${discarded} discarded.`);
  if (BlkioWeight > 0 && !machine.blkioWeight) {
    warn("Block I/O weight", "Weight");
    resources.BlkioWeight = 0;
  }
  if (BlkioWeightDevice?.length && !machine.blkioWeightDevice) {
    warn("Block I/O weight_device", "Weight-device");
    resources.BlkioWeightDevice = [];
  }
  for (const { field, support, discarded } of THROTTLES) {
    if (!resources[field]?.length || machine.blkioThrottle) continue;
    warn(support, discarded);
    resources[field] = [];
  }
}
