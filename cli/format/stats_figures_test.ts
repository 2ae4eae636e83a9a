import assert from "node:assert/strict";
import type { ContainerStats, CpuStats } from "../../base/docker/system.ts";
import { statsFigures } from "./stats_figures.ts";

function cpu(used: number, system: number, cpus = 2): CpuStats {
  return {
    cpu_usage: { total_usage: used, usage_in_kernelmode: 0, usage_in_usermode: 0 },
    system_cpu_usage: system,
    online_cpus: cpus,
    throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
  };
}

function sample(parts: Partial<ContainerStats>): ContainerStats {
  return {
    read: "",
    preread: "",
    id: "4".repeat(64),
    name: "/web",
    num_procs: 0,
    pids_stats: { current: 7 },
    cpu_stats: cpu(3e9, 20e9),
    precpu_stats: cpu(2.5e9, 18e9),
    memory_stats: { usage: 50e6, limit: 200e6, stats: { inactive_file: 10e6 } },
    blkio_stats: {
      io_service_bytes_recursive: [
        { major: 8, minor: 0, op: "read", value: 1 },
        { major: 8, minor: 0, op: "Write", value: 20 },
        { major: 8, minor: 0, op: "Sync", value: 400 },
        { major: 8, minor: 1, op: "Read", value: 2 },
      ],
    },
    networks: { eth0: { rx_bytes: 1, tx_bytes: 2 }, eth1: { rx_bytes: 10, tx_bytes: 20 } },
    storage_stats: {},
    ...parts,
  };
}

Deno.test("half of one of two CPUs is 50 percent; disks and networks are summed up", () => {
  assert.deepEqual(statsFigures(sample({})), {
    name: "web",
    id: "4".repeat(64),
    cpuPercent: 50,
    memory: 40e6,
    memoryLimit: 200e6,
    memoryPercent: 20,
    received: 11,
    sent: 22,
    read: 3,
    written: 20,
    pids: 7,
  });
});

Deno.test("without a sample before there is no use of CPU", () => {
  assert.equal(statsFigures(sample({ precpu_stats: cpu(3e9, 20e9) })).cpuPercent, 0);
});

Deno.test("without the number of CPUs the figures of each are counted", () => {
  const now = cpu(3e9, 20e9, 0);
  now.cpu_usage.percpu_usage = [1, 2, 3, 4];
  assert.equal(statsFigures(sample({ cpu_stats: now })).cpuPercent, 100);
});

Deno.test("cgroup v1 says total_inactive_file", () => {
  const memory_stats = { usage: 100, limit: 1000, stats: { total_inactive_file: 30, inactive_file: 1 } };
  assert.equal(statsFigures(sample({ memory_stats })).memory, 70);
});

Deno.test("a container that does not run uses nothing", () => {
  const figures = statsFigures(sample({ memory_stats: {}, pids_stats: {}, blkio_stats: {} }));
  assert.deepEqual([figures.memory, figures.memoryPercent, figures.pids, figures.read], [0, 0, 0, 0]);
});
