import { conflict } from "../base/errors.ts";
import type { GroupResources } from "./cgroup.ts";

/** Docker's conflicts between a change and what a container already has (moby, container_unix.go). */
const CONFLICTS = [
  { change: "NanoCpus", has: "CpuPeriod", message: "Nano CPUs cannot be updated as CPU Period has already been set" },
  { change: "NanoCpus", has: "CpuQuota", message: "Nano CPUs cannot be updated as CPU Quota has already been set" },
  { change: "CpuPeriod", has: "NanoCpus", message: "CPU Period cannot be updated as NanoCPUs has already been set" },
  { change: "CpuQuota", has: "NanoCpus", message: "CPU Quota cannot be updated as NanoCPUs has already been set" },
] as const;

/**
 * The limits of a container after `changes` (checked, with `update`): what a change leaves out, is 0, empty or null
 * stays as it is. The result is what to store, and what to give to `Cgroup.update`: swap in v2 and the order of writes
 * in v1 need both numbers of memory, also when only one has changed.
 * @throws {EngineError} `conflict`
 */
export function mergeUpdate<R extends GroupResources>(current: R, changes: GroupResources): R {
  for (const { change, has, message } of CONFLICTS) {
    if ((changes[change] ?? 0) > 0 && (current[has] ?? 0) > 0) throw conflict(`Conflicting options: ${message}`);
  }
  const swap = current.MemorySwap ?? 0;
  if ((changes.Memory ?? 0) > swap && swap > 0 && !changes.MemorySwap) {
    throw conflict(
      "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
    );
  }
  const given = Object.entries(changes).filter(([, value]) => value !== 0 && value !== "" && value !== null);
  // 0 is a value for these: no limit of processes, no swapping.
  const { PidsLimit = null, MemorySwappiness = null } = changes;
  return {
    ...current,
    ...Object.fromEntries(given),
    ...(PidsLimit === null ? {} : { PidsLimit }),
    ...(MemorySwappiness === null ? {} : { MemorySwappiness }),
  };
}
