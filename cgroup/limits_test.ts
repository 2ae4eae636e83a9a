/** Docker's numbers in, the kernel's out: one table for v1 and v2. */
import assert from "node:assert/strict";
import type { GroupResources } from "./cgroup.ts";
import type { KernelWrite } from "./kernel_write.ts";
import { blkioWrites as blkioV1 } from "./v1/blkio.ts";
import { cpuWrites as cpuV1 } from "./v1/cpu.ts";
import { cpusetWrites } from "./v1/cpuset.ts";
import { memoryWrites as memoryV1 } from "./v1/memory.ts";
import { pidsWrites } from "./v1/pids.ts";
import { blkioWrites as blkioV2, ioWeight } from "./v2/blkio.ts";
import { cpuWrites as cpuV2, weightOfShares } from "./v2/cpu.ts";
import { memoryWrites as memoryV2 } from "./v2/memory.ts";

const deviceNumber = (path: string) => path === "/dev/sda" ? "8:0" : "8:16";
const M = 1 << 20;

function written(writes: readonly KernelWrite[]): string[] {
  return writes.map(({ file, value }) => `${file} = ${value}`);
}
function v1(resources: GroupResources, bfq: boolean): string[] {
  return written([
    ...memoryV1(resources),
    ...cpusetWrites(resources),
    ...cpuV1(resources),
    ...pidsWrites(resources),
    ...blkioV1(resources, { deviceNumber, bfq }),
  ]);
}
function v2(resources: GroupResources, bfq: boolean): string[] {
  return written([
    ...memoryV2(resources),
    ...cpusetWrites(resources),
    ...cpuV2(resources),
    ...pidsWrites(resources),
    ...blkioV2(resources, { deviceNumber, bfq }),
  ]);
}

interface Row {
  readonly name: string;
  readonly resources: GroupResources;
  readonly bfq?: boolean;
  readonly v1: readonly string[];
  readonly v2: readonly string[];
}
const zeros = { Memory: 0, MemorySwap: 0, NanoCpus: 0, CpuShares: 0, CpuPeriod: 0, CpuQuota: 0, CpusetCpus: "" };
const rows: readonly Row[] = [
  { name: "nothing", resources: {}, v1: [], v2: [] },
  {
    name: "zeros and nulls",
    resources: { ...zeros, PidsLimit: null, OomKillDisable: null, MemorySwappiness: null, BlkioDeviceReadBps: null },
    v1: [],
    v2: [],
  },
  {
    name: "memory with as much swap",
    resources: { Memory: 64 * M, MemorySwap: 128 * M },
    v1: ["memory.limit_in_bytes = 67108864", "memory.memsw.limit_in_bytes = 134217728"],
    v2: ["memory.swap.max = 67108864", "memory.max = 67108864"],
  },
  {
    name: "memory without swap",
    resources: { Memory: 64 * M, MemorySwap: 64 * M },
    v1: ["memory.limit_in_bytes = 67108864", "memory.memsw.limit_in_bytes = 67108864"],
    v2: ["memory.swap.max = 0", "memory.max = 67108864"],
  },
  {
    name: "memory with unlimited swap",
    resources: { Memory: 64 * M, MemorySwap: -1 },
    v1: ["memory.memsw.limit_in_bytes = -1", "memory.limit_in_bytes = 67108864"],
    v2: ["memory.swap.max = max", "memory.max = 67108864"],
  },
  {
    name: "unlimited memory, and so unlimited swap",
    resources: { Memory: -1 },
    v1: ["memory.memsw.limit_in_bytes = -1", "memory.limit_in_bytes = -1"],
    v2: ["memory.swap.max = max", "memory.max = max"],
  },
  {
    name: "reservation, swappiness, no OOM killer",
    resources: { MemoryReservation: 32 * M, MemorySwappiness: 0, OomKillDisable: true },
    v1: ["memory.soft_limit_in_bytes = 33554432", "memory.oom_control = 1", "memory.swappiness = 0"],
    v2: ["memory.low = 33554432"],
  },
  {
    name: "half a CPU",
    resources: { NanoCpus: 500_000_000 },
    v1: ["cpu.cfs_period_us = 100000", "cpu.cfs_quota_us = 50000"],
    v2: ["cpu.max = 50000 100000"],
  },
  {
    name: "quota and period",
    resources: { CpuQuota: 20_000, CpuPeriod: 40_000 },
    v1: ["cpu.cfs_period_us = 40000", "cpu.cfs_quota_us = 20000"],
    v2: ["cpu.max = 20000 40000"],
  },
  {
    name: "a period",
    resources: { CpuPeriod: 40_000 },
    v1: ["cpu.cfs_period_us = 40000"],
    v2: ["cpu.max = max 40000"],
  },
  { name: "a quota", resources: { CpuQuota: 5000 }, v1: ["cpu.cfs_quota_us = 5000"], v2: ["cpu.max = 5000 100000"] },
  { name: "no quota", resources: { CpuQuota: -1 }, v1: ["cpu.cfs_quota_us = -1"], v2: ["cpu.max = max 100000"] },
  { name: "shares", resources: { CpuShares: 1024 }, v1: ["cpu.shares = 1024"], v2: ["cpu.weight = 39"] },
  {
    name: "real-time",
    resources: { CpuRealtimePeriod: 100_000, CpuRealtimeRuntime: 95_000 },
    v1: ["cpu.rt_period_us = 100000", "cpu.rt_runtime_us = 95000"],
    v2: [],
  },
  {
    name: "CPUs and memory nodes",
    resources: { CpusetCpus: "0-1,3", CpusetMems: "0" },
    v1: ["cpuset.cpus = 0-1,3", "cpuset.mems = 0"],
    v2: ["cpuset.cpus = 0-1,3", "cpuset.mems = 0"],
  },
  { name: "ten processes", resources: { PidsLimit: 10 }, v1: ["pids.max = 10"], v2: ["pids.max = 10"] },
  { name: "0 processes as no limit", resources: { PidsLimit: 0 }, v1: ["pids.max = max"], v2: ["pids.max = max"] },
  { name: "-1 processes as no limit", resources: { PidsLimit: -1 }, v1: ["pids.max = max"], v2: ["pids.max = max"] },
  {
    name: "a block weight",
    resources: { BlkioWeight: 500, BlkioWeightDevice: [{ Path: "/dev/sda", Weight: 10 }] },
    v1: ["blkio.weight = 500", "blkio.weight_device = 8:0 10"],
    v2: ["io.weight = 4950", "io.weight = 8:0 1"],
  },
  {
    name: "a block weight for BFQ",
    resources: { BlkioWeight: 500, BlkioWeightDevice: [{ Path: "/dev/sda", Weight: 10 }] },
    bfq: true,
    v1: ["blkio.bfq.weight = 500", "blkio.bfq.weight_device = 8:0 10"],
    v2: ["io.bfq.weight = 500", "io.bfq.weight = 8:0 10"],
  },
  {
    name: "throttles",
    resources: {
      BlkioDeviceReadBps: [{ Path: "/dev/sda", Rate: 1000 }],
      BlkioDeviceWriteBps: [{ Path: "/dev/sdb", Rate: 2000 }],
      BlkioDeviceReadIOps: [{ Path: "/dev/sda", Rate: 10 }],
      BlkioDeviceWriteIOps: [{ Path: "/dev/sda", Rate: 0 }],
    },
    v1: [
      "blkio.throttle.read_bps_device = 8:0 1000",
      "blkio.throttle.write_bps_device = 8:16 2000",
      "blkio.throttle.read_iops_device = 8:0 10",
      "blkio.throttle.write_iops_device = 8:0 0",
    ],
    v2: ["io.max = 8:0 rbps=1000", "io.max = 8:16 wbps=2000", "io.max = 8:0 riops=10", "io.max = 8:0 wiops=max"],
  },
];
for (const row of rows) {
  Deno.test(`limits in v1: ${row.name}`, () => assert.deepEqual(v1(row.resources, row.bfq ?? false), row.v1));
  Deno.test(`limits in v2: ${row.name}`, () => assert.deepEqual(v2(row.resources, row.bfq ?? false), row.v2));
}

const orders = [
  { name: "raised over the old swap limit: swap first", current: 64 * M, memory: 256 * M, first: "memory.memsw" },
  { name: "lowered: memory first", current: 256 * M, memory: 64 * M, first: "memory.limit" },
];
for (const { name, current, memory, first } of orders) {
  Deno.test(`limits in v1: memory and swap ${name}`, () => {
    const [write] = memoryV1({ Memory: memory, MemorySwap: 2 * memory - M }, current);
    assert.ok(write?.file.startsWith(first), write?.file);
  });
}

Deno.test("limits in v2: a change of the period keeps the quota, and the other way round", () => {
  assert.deepEqual(written(cpuV2({ CpuPeriod: 20_000 }, "10000 50000\n")), ["cpu.max = 10000 20000"]);
  assert.deepEqual(written(cpuV2({ CpuQuota: 5000 }, "10000 50000\n")), ["cpu.max = 5000 50000"]);
});

Deno.test("limits in v2: swap below memory is refused", () => {
  assert.throws(() => memoryV2({ Memory: 64 * M, MemorySwap: 32 * M }), /Minimum memoryswap limit should be larger/);
  assert.throws(() => memoryV2({ MemorySwap: 32 * M }), /You should always set the Memory limit/);
});

Deno.test("weightOfShares() and ioWeight() reach both ends and never leave the range", () => {
  assert.deepEqual([1, 2, 512, 1024, 262_144, 999_999].map(weightOfShares), [1, 1, 20, 39, 10_000, 10_000]);
  assert.deepEqual([10, 100, 1000].map(ioWeight), [1, 910, 10_000]);
});
