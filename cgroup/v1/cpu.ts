import type { GroupResources } from "../cgroup.ts";
import { clampShares, cpuQuota } from "../cpu_quota.ts";
import type { KernelWrite } from "../kernel_write.ts";

/** CPU time in v1: shares as they are, quota and period in microseconds (Documentation/scheduler/sched-bwc.rst). */
export function cpuWrites(resources: GroupResources): KernelWrite[] {
  const { CpuShares = 0, CpuRealtimePeriod = 0, CpuRealtimeRuntime = 0 } = resources;
  const { quota, period } = cpuQuota(resources);
  const writes: KernelWrite[] = [];
  // Each of a pair is checked against the other's old value, so that the first may be refused until the second is in.
  if (CpuRealtimePeriod !== 0) {
    writes.push({ file: "cpu.rt_period_us", value: `${CpuRealtimePeriod}`, again: CpuRealtimeRuntime !== 0 });
  }
  if (CpuRealtimeRuntime !== 0) writes.push({ file: "cpu.rt_runtime_us", value: `${CpuRealtimeRuntime}` });
  if (CpuShares !== 0) writes.push({ file: "cpu.shares", value: `${clampShares(CpuShares)}` });
  if (period !== 0) writes.push({ file: "cpu.cfs_period_us", value: `${period}`, again: quota !== 0 });
  if (quota !== 0) writes.push({ file: "cpu.cfs_quota_us", value: `${quota}` });
  return writes;
}
