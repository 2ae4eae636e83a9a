import type { GroupResources } from "./cgroup.ts";

/** What `--cpus` counts in, as Docker does: 100 ms (microseconds). */
export const DEFAULT_PERIOD = 100_000;

/** Microseconds; 0 means unchanged, a negative quota means no limit. */
export interface CpuQuota {
  readonly quota: number;
  readonly period: number;
}

/** Quota and period of Docker's `NanoCpus` (10^-9 CPUs), or of `CpuQuota` and `CpuPeriod` where it is not given. */
export function cpuQuota({ NanoCpus = 0, CpuQuota = 0, CpuPeriod = 0 }: GroupResources): CpuQuota {
  if (NanoCpus > 0) return { quota: Math.floor((NanoCpus * DEFAULT_PERIOD) / 1e9), period: DEFAULT_PERIOD };
  return { quota: CpuQuota, period: CpuPeriod };
}

/** The range of cpu.shares (kernel/sched/sched.h, MIN_SHARES and MAX_SHARES). */
export function clampShares(shares: number): number {
  return Math.min(262_144, Math.max(2, shares));
}
