/** The figures of `stats`, computed from a sample as docker's CLI does. */
import type { ContainerStats, CpuStats } from "../../base/docker/system.ts";

export interface StatsFigures {
  readonly name: string;
  readonly id: string;
  /** 100 is one whole CPU. */
  readonly cpuPercent: number;
  /** Bytes, without the part of the page cache that can be dropped at once. */
  readonly memory: number;
  readonly memoryLimit: number;
  readonly memoryPercent: number;
  readonly received: number;
  readonly sent: number;
  readonly read: number;
  readonly written: number;
  readonly pids: number;
}

export function statsFigures(sample: ContainerStats): StatsFigures {
  const memory = memoryInUse(sample.memory_stats);
  const limit = sample.memory_stats.limit ?? 0;
  const networks = Object.values(sample.networks ?? {});
  return {
    name: sample.name.replace(/^\//, ""),
    id: sample.id,
    cpuPercent: cpuPercent(sample.precpu_stats, sample.cpu_stats),
    memory,
    memoryLimit: limit,
    memoryPercent: limit === 0 ? 0 : memory / limit * 100,
    received: sum(networks.map((network) => network["rx_bytes"] ?? 0)),
    sent: sum(networks.map((network) => network["tx_bytes"] ?? 0)),
    read: blockBytes(sample, "r"),
    written: blockBytes(sample, "w"),
    pids: sample.pids_stats.current ?? 0,
  };
}

/** The share of the time of all CPUs between two samples, times the number of CPUs. */
function cpuPercent(before: CpuStats, after: CpuStats): number {
  const used = after.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const passed = (after.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  const cpus = after.online_cpus || (after.cpu_usage.percpu_usage?.length ?? 0);
  return used > 0 && passed > 0 ? used / passed * cpus * 100 : 0;
}

/** cgroup v1 says `total_inactive_file`, v2 `inactive_file`. */
function memoryInUse({ usage = 0, stats = {} }: ContainerStats["memory_stats"]): number {
  const inactive = stats["total_inactive_file"] ?? stats["inactive_file"] ?? 0;
  return inactive < usage ? usage - inactive : usage;
}

function blockBytes(sample: ContainerStats, letter: "r" | "w"): number {
  const entries = sample.blkio_stats["io_service_bytes_recursive"] ?? [];
  return sum(entries.filter(({ op }) => op.toLowerCase().startsWith(letter)).map(({ value }) => value));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
