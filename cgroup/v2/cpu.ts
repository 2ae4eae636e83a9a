import type { GroupResources } from "../cgroup.ts";
import { clampShares, cpuQuota, DEFAULT_PERIOD } from "../cpu_quota.ts";
import type { KernelWrite } from "../kernel_write.ts";

/**
 * CPU time in v2: shares 2-262144 become a weight 1-10000, quota and period one line. `current` is the present cpu.max
 * of a group in use, of which a change keeps what it does not name. Real-time limits do not exist here.
 */
export function cpuWrites(resources: GroupResources, current = `max ${DEFAULT_PERIOD}`): KernelWrite[] {
  const { CpuShares = 0 } = resources;
  const writes: KernelWrite[] = [];
  if (CpuShares !== 0) writes.push({ file: "cpu.weight", value: `${weightOfShares(CpuShares)}` });
  const { quota, period } = cpuQuota(resources);
  if (quota !== 0 || period !== 0) {
    const [oldQuota, oldPeriod] = current.trim().split(" ");
    const newQuota = quota === 0 ? oldQuota : quota < 0 ? "max" : quota;
    writes.push({ file: "cpu.max", value: `${newQuota} ${period || oldPeriod}` });
  }
  return writes;
}

/** The line through (2, 1) and (262144, 10000), as runc draws it. */
export function weightOfShares(shares: number): number {
  return 1 + Math.floor(((clampShares(shares) - 2) * 9999) / 262_142);
}
