import type { CpuStats } from "../../base/docker/system.ts";
import { type BlkioEntry, blkioStats, type GroupStats, hostCpu, pidsStats, shownLimit } from "../group_stats.ts";
import { parseFlatKeyed, readNumber, readTextOrNothing } from "../kernel_read.ts";
import type { FolderOf } from "../kernel_write.ts";

/** What the files of v1 say; a controller that is missing, or a group that is gone, leaves zeros. */
export function stats(folderOf: FolderOf): GroupStats {
  return {
    num_procs: 0, // Windows only
    pids_stats: pidsStats(folderOf("pids")),
    cpu_stats: cpuStats(folderOf("cpuacct"), folderOf("cpu")),
    memory_stats: memoryStats(folderOf("memory")),
    blkio_stats: ioStats(folderOf("blkio")),
  };
}

function cpuStats(accounting: string | undefined, cpu: string | undefined): CpuStats {
  const nanoseconds = (file: string) => readNumber(`${accounting}/cpuacct.${file}`) ?? 0;
  const perCpu = readTextOrNothing(`${accounting}/cpuacct.usage_percpu`).trim();
  const throttling = parseFlatKeyed(readTextOrNothing(`${cpu}/cpu.stat`));
  const { total, online } = hostCpu();
  return {
    cpu_usage: {
      total_usage: nanoseconds("usage"),
      ...(perCpu === "" ? {} : { percpu_usage: perCpu.split(/\s+/).map(Number) }),
      usage_in_kernelmode: nanoseconds("usage_sys"),
      usage_in_usermode: nanoseconds("usage_user"),
    },
    system_cpu_usage: total,
    online_cpus: online,
    throttling_data: {
      periods: throttling.nr_periods ?? 0,
      throttled_periods: throttling.nr_throttled ?? 0,
      throttled_time: throttling.throttled_time ?? 0,
    },
  };
}

function memoryStats(folder: string | undefined): GroupStats["memory_stats"] {
  if (folder === undefined) return {};
  const usage = readNumber(`${folder}/memory.usage_in_bytes`);
  if (usage === undefined) return {};
  return {
    usage,
    max_usage: readNumber(`${folder}/memory.max_usage_in_bytes`) ?? 0,
    limit: shownLimit(readNumber(`${folder}/memory.limit_in_bytes`)),
    failcnt: readNumber(`${folder}/memory.failcnt`) ?? 0,
    stats: parseFlatKeyed(readTextOrNothing(`${folder}/memory.stat`)),
  };
}

function ioStats(folder: string | undefined): GroupStats["blkio_stats"] {
  if (folder === undefined) return blkioStats({});
  const entries = (file: string) => parseBlkio(readTextOrNothing(`${folder}/blkio.throttle.${file}`));
  return blkioStats({
    io_service_bytes_recursive: entries("io_service_bytes_recursive"),
    io_serviced_recursive: entries("io_serviced_recursive"),
  });
}

/** `8:0 Read 4096` lines; the sum over all devices in the last line belongs to none, and is left out. */
function parseBlkio(text: string): BlkioEntry[] {
  return [...text.matchAll(/^(\d+):(\d+) (\w+) (\d+)$/gm)].map(([, major, minor, op = "", value]) => ({
    major: Number(major),
    minor: Number(minor),
    op,
    value: Number(value),
  }));
}
