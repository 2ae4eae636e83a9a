import type { StatsOptions } from "../../base/container_engine.ts";
import type { ContainerStats, CpuStats } from "../../base/docker/system.ts";
import { now, ZERO_TIME } from "../../base/timestamps.ts";
import type { Cgroup } from "../../cgroup/cgroup.ts";
import { blkioStats } from "../../cgroup/group_stats.ts";
import type { ContainerRecord, LifecycleState } from "../container_record.ts";
import { networkCounters } from "./network_counters.ts";

/** What of a container the report is made of; looked at anew for every sample. */
export interface StatsContainer {
  readonly id: string;
  readonly record: Pick<ContainerRecord, "name" | "hostConfig">;
  readonly state: LifecycleState;
  readonly running: { readonly pid: number; readonly cgroup: Pick<Cgroup, "stats"> } | undefined;
}

const PERIOD = 1000;

/**
 * The figures of a container as Docker gives them: each sample holds the CPU figures of the one before. Without `stream`
 * that takes a second, unless `oneShot`. A container that does not run has zeros; a stream goes on and sees the next start.
 */
export async function* containerStats(
  container: StatsContainer,
  { stream = true, oneShot = false, signal }: StatsOptions = {},
): AsyncGenerator<ContainerStats> {
  let previous: ContainerStats | undefined;
  for (let due = performance.now() + PERIOD; !signal?.aborted; due += PERIOD) {
    if (stream && container.state.status === "removing") return;
    const sample = takeSample(container, previous);
    if (stream) yield sample;
    else if (oneShot || previous !== undefined || container.running === undefined) return yield sample;
    previous = sample;
    due = Math.max(due, performance.now()); // a reader that was away for long does not get a burst
    await sleep(due - performance.now(), signal);
  }
}

function takeSample(container: StatsContainer, previous: ContainerStats | undefined): ContainerStats {
  const { id, record, running } = container;
  const common = { id, name: `/${record.name}`, storage_stats: {} };
  if (running === undefined) {
    const none = {
      precpu_stats: noCpu(),
      cpu_stats: noCpu(),
      memory_stats: {},
      blkio_stats: blkioStats({}),
      pids_stats: {},
    };
    return { ...common, read: ZERO_TIME, preread: ZERO_TIME, num_procs: 0, ...none };
  }
  const networks = record.hostConfig.NetworkMode === "host" ? undefined : networkCounters(running.pid);
  return {
    ...common,
    read: now(),
    preread: previous?.read ?? ZERO_TIME,
    ...running.cgroup.stats(),
    precpu_stats: previous?.cpu_stats ?? noCpu(),
    ...networks && { networks },
  };
}

function noCpu(): CpuStats {
  return {
    cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
    throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
  };
}

/** Waits, but not beyond an abort. */
function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done, { once: true });
  });
}
