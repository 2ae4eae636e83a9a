import type { CpuStats } from "../../base/docker/system.ts";
import { type BlkioEntry, blkioStats, type GroupStats, hostCpu, pidsStats, shownLimit } from "../group_stats.ts";
import { parseFlatKeyed, readNumber, readTextOrNothing } from "../kernel_read.ts";

/** What the files of v2 say; a controller that is missing, or a group that is gone, leaves zeros. */
export function stats(folder: string): GroupStats {
  return {
    num_procs: 0, // Windows only
    pids_stats: pidsStats(folder),
    cpu_stats: cpuStats(folder),
    memory_stats: memoryStats(folder),
    blkio_stats: blkioStats({ io_service_bytes_recursive: parseIoStat(readTextOrNothing(`${folder}/io.stat`)) }),
  };
}

function cpuStats(folder: string): CpuStats {
  const stat = parseFlatKeyed(readTextOrNothing(`${folder}/cpu.stat`));
  const nanoseconds = (microseconds = 0) => microseconds * 1000;
  const { total, online } = hostCpu();
  return {
    cpu_usage: {
      total_usage: nanoseconds(stat.usage_usec),
      usage_in_kernelmode: nanoseconds(stat.system_usec),
      usage_in_usermode: nanoseconds(stat.user_usec),
    },
    system_cpu_usage: total,
    online_cpus: online,
    throttling_data: {
      periods: stat.nr_periods ?? 0,
      throttled_periods: stat.nr_throttled ?? 0,
      throttled_time: nanoseconds(stat.throttled_usec),
    },
  };
}

function memoryStats(folder: string): GroupStats["memory_stats"] {
  const usage = readNumber(`${folder}/memory.current`);
  if (usage === undefined) return {};
  return {
    usage,
    limit: shownLimit(readNumber(`${folder}/memory.max`)),
    failcnt: parseFlatKeyed(readTextOrNothing(`${folder}/memory.events`)).oom ?? 0,
    stats: parseFlatKeyed(readTextOrNothing(`${folder}/memory.stat`)),
  };
}

/** `8:0 rbytes=4096 wbytes=0 …` lines as Docker shows them: what was read and written. */
function parseIoStat(text: string): BlkioEntry[] {
  return [...text.matchAll(/^(\d+):(\d+) rbytes=(\d+) wbytes=(\d+)/gm)].flatMap(([, major, minor, read, written]) => {
    const device = { major: Number(major), minor: Number(minor) };
    return [{ ...device, op: "read", value: Number(read) }, { ...device, op: "write", value: Number(written) }];
  });
}
