/** The figures of a group in the shape of Docker's stats, and those of the whole machine that belong to them. */
import type { ContainerStats } from "../base/docker/system.ts";
import { readNumber, readText } from "./kernel_read.ts";

export type GroupStats = Pick<
  ContainerStats,
  "cpu_stats" | "memory_stats" | "blkio_stats" | "pids_stats" | "num_procs"
>;

export type BlkioEntry = { major: number; minor: number; op: string; value: number };

/** USER_HZ is 100 on every architecture that we run on (time(7)). */
const NANOSECONDS_PER_TICK = 1e9 / 100;

export interface HostCpu {
  /** Nanoseconds that all CPUs have had, idle or not. */
  readonly total: number;
  readonly online: number;
}

/** Reads `/proc/stat` as Docker does: user, nice, system, idle, iowait, irq and softirq of all CPUs. */
function parseProcStat(text: string): HostCpu {
  const ticks = /^cpu +(.*)$/m.exec(text)?.[1]?.split(" ").slice(0, 7).map(Number) ?? [];
  return {
    total: ticks.reduce((sum, value) => sum + value, 0) * NANOSECONDS_PER_TICK,
    online: text.match(/^cpu\d+ /gm)?.length ?? 0,
  };
}

export function hostCpu(): HostCpu {
  return parseProcStat(readText("/proc/stat"));
}

let memory: number | undefined;

/** The machine's memory in bytes: what Docker shows as the limit of a container that has none. */
function hostMemory(): number {
  return memory ??= Number(/^MemTotal: +(\d+) kB/m.exec(readText("/proc/meminfo"))?.[1] ?? 0) * 1024;
}

/** What Docker calls limit: the group's, or the machine's memory if that is less. */
export function shownLimit(limit: number | undefined): number {
  return Math.min(limit ?? Infinity, hostMemory());
}

/** `pids.current` and `pids.max` of a group; no limit is left out (2^64 - 1 in Docker, which no double holds). */
export function pidsStats(folder: string | undefined): GroupStats["pids_stats"] {
  if (folder === undefined) return {};
  const [current, limit] = [readNumber(`${folder}/pids.current`), readNumber(`${folder}/pids.max`)];
  return { ...(current === undefined ? {} : { current }), ...(limit === undefined ? {} : { limit }) };
}

/** The lists that Docker names; null is "not known to this kernel". */
export function blkioStats(known: Readonly<Record<string, BlkioEntry[]>>): GroupStats["blkio_stats"] {
  return {
    io_service_bytes_recursive: null,
    io_serviced_recursive: null,
    io_queue_recursive: null,
    io_service_time_recursive: null,
    io_wait_time_recursive: null,
    io_merged_recursive: null,
    io_time_recursive: null,
    sectors_recursive: null,
    ...known,
  };
}
