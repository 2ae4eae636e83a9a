import assert from "node:assert/strict";
import { EngineError } from "../base/errors.ts";
import { checkResources, type LimitRequest } from "./check_resources.ts";
import type { ResourceMachine } from "./machine.ts";

const M = 1 << 20;
const machine: ResourceMachine = {
  version: 1,
  cpus: 2,
  cpusetCpus: "0-1",
  cpusetMems: "0",
  memory: true,
  swap: true,
  swappiness: true,
  reservation: true,
  oomKillDisable: true,
  pids: true,
  cpuShares: true,
  cpuQuota: true,
  cpuRealtime: true,
  cpuset: true,
  blkioWeight: true,
  blkioWeightDevice: true,
  blkioThrottle: true,
};
const bare: ResourceMachine = {
  ...machine,
  memory: false,
  swap: false,
  swappiness: false,
  reservation: false,
  oomKillDisable: false,
  pids: false,
  cpuShares: false,
  cpuQuota: false,
  cpuRealtime: false,
  cpuset: false,
  blkioWeight: false,
  blkioWeightDevice: false,
  blkioThrottle: false,
};

const refused: readonly { resources: LimitRequest; message: string }[] = [
  { resources: { Memory: 6 * M - 1 }, message: "Minimum memory limit allowed is 6MB" },
  { resources: { Memory: -1 }, message: "Minimum memory limit allowed is 6MB" },
  {
    resources: { Memory: 64 * M, MemorySwap: 32 * M },
    message: "Minimum memoryswap limit should be larger than memory limit, see usage",
  },
  {
    resources: { MemorySwap: 64 * M },
    message: "You should always set the Memory limit when using Memoryswap limit, see usage",
  },
  { resources: { MemorySwappiness: 101 }, message: "Invalid value: 101, valid memory swappiness range is 0-100" },
  { resources: { MemorySwappiness: -2 }, message: "Invalid value: -2, valid memory swappiness range is 0-100" },
  { resources: { MemoryReservation: M }, message: "Minimum memory reservation allowed is 6MB" },
  {
    resources: { Memory: 64 * M, MemoryReservation: 65 * M },
    message: "Minimum memory limit can not be less than memory reservation limit, see usage",
  },
  {
    resources: { NanoCpus: 3e9 },
    message: "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available",
  },
  { resources: { NanoCpus: -1 }, message: "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available" },
  {
    resources: { NanoCpus: 1e9, CpuPeriod: 100_000 },
    message: "Conflicting options: Nano CPUs and CPU Period cannot both be set",
  },
  {
    resources: { NanoCpus: 1e9, CpuQuota: 100_000 },
    message: "Conflicting options: Nano CPUs and CPU Quota cannot both be set",
  },
  {
    resources: { CpuPeriod: 999 },
    message: "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
  },
  {
    resources: { CpuPeriod: 1_000_001 },
    message: "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
  },
  { resources: { CpuQuota: 999 }, message: "CPU cfs quota can not be less than 1ms (i.e. 1000)" },
  { resources: { CpuShares: -1 }, message: "invalid CPU shares (-1): value must be a positive integer" },
  {
    resources: { CpuRealtimePeriod: 1000, CpuRealtimeRuntime: 2000 },
    message: "cpu real-time runtime cannot be higher than cpu real-time period",
  },
  { resources: { CpusetCpus: "1-0" }, message: "Invalid value 1-0 for cpuset cpus" },
  { resources: { CpusetCpus: "0-99999999" }, message: "Invalid value 0-99999999 for cpuset cpus" },
  { resources: { CpusetMems: "x" }, message: "Invalid value x for cpuset mems" },
  {
    resources: { CpusetCpus: "5" },
    message: "Requested CPUs are not available - requested 5, available: 0-1",
  },
  {
    resources: { CpusetMems: "0-1" },
    message: "Requested memory nodes are not available - requested 0-1, available: 0",
  },
  { resources: { BlkioWeight: 5 }, message: "Range of blkio weight is from 10 to 1000" },
  { resources: { BlkioWeight: 1001 }, message: "Range of blkio weight is from 10 to 1000" },
  { resources: { OomScoreAdj: 1001 }, message: "Invalid value 1001, range for oom score adj is [-1000, 1000]" },
];
for (const { resources, message } of refused) {
  Deno.test(`checkResources() refuses ${JSON.stringify(resources)}: ${message}`, () => {
    assert.throws(
      () => checkResources(resources, machine),
      (error) => error instanceof EngineError && error.class === "invalid" && error.message === message,
    );
  });
}

const discarded: readonly { resources: LimitRequest; warning: string; left: LimitRequest }[] = [
  {
    resources: { Memory: 64 * M },
    warning:
      "Your kernel does not support memory limit capabilities or the cgroup is not mounted. Limitation discarded.",
    left: { Memory: 0, MemorySwap: 0 },
  },
  {
    resources: { MemoryReservation: 64 * M },
    warning:
      "Your kernel does not support memory soft limit capabilities or the cgroup is not mounted. Limitation discarded.",
    left: { MemoryReservation: 0 },
  },
  {
    resources: { MemorySwappiness: 60 },
    warning: "Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. " +
      "Memory swappiness discarded.",
    left: { MemorySwappiness: null },
  },
  {
    resources: { OomKillDisable: true },
    warning: "Your kernel does not support OomKillDisable. OomKillDisable discarded.",
    left: { OomKillDisable: null },
  },
  {
    resources: { PidsLimit: 5 },
    warning: "Your kernel does not support PIDs limit capabilities or the cgroup is not mounted. PIDs limit discarded.",
    left: { PidsLimit: null },
  },
  {
    resources: { CpuShares: 512 },
    warning: "Your kernel does not support CPU shares or the cgroup is not mounted. Shares discarded.",
    left: { CpuShares: 0 },
  },
  {
    resources: { CpuQuota: 5000 },
    warning: "Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.",
    left: { CpuQuota: 0, CpuPeriod: 0 },
  },
  {
    resources: { CpusetCpus: "7" },
    warning: "Your kernel does not support cpuset or the cgroup is not mounted. CPUset discarded.",
    left: { CpusetCpus: "", CpusetMems: "" },
  },
  {
    resources: { BlkioWeight: 500 },
    warning: "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.",
    left: { BlkioWeight: 0 },
  },
  {
    resources: { BlkioWeightDevice: [{ Path: "/dev/sda", Weight: 500 }] },
    warning: "Your kernel does not support Block I/O weight_device or the cgroup is not mounted. " +
      "Weight-device discarded.",
    left: { BlkioWeightDevice: [] },
  },
  {
    resources: { BlkioDeviceReadBps: [{ Path: "/dev/sda", Rate: 1 }] },
    warning: "Your kernel does not support BPS Block I/O read limit or the cgroup is not mounted. " +
      "Block I/O BPS read limit discarded.",
    left: { BlkioDeviceReadBps: [] },
  },
  {
    resources: { BlkioDeviceWriteIOps: [{ Path: "/dev/sda", Rate: 1 }] },
    warning: "Your kernel does not support IOPS Block write limit or the cgroup is not mounted. " +
      "Block I/O IOPS write limit discarded.",
    left: { BlkioDeviceWriteIOps: [] },
  },
];
for (const { resources, warning, left } of discarded) {
  Deno.test(`checkResources() without the kernel's help takes away ${JSON.stringify(resources)}`, () => {
    assert.deepEqual(checkResources(resources, bare), { resources: left, warnings: [warning] });
  });
}

Deno.test("checkResources() lets fair limits through as they are", () => {
  const resources = {
    Memory: 6 * M,
    MemorySwap: -1,
    NanoCpus: 2e9,
    CpusetCpus: "0-1",
    PidsLimit: -1,
    OomScoreAdj: -1000,
  };
  assert.deepEqual(checkResources(resources, machine), { resources, warnings: [] });
});

Deno.test("checkResources() gives as much swap as memory unless told, and keeps the request as it was", () => {
  const resources = { Memory: 64 * M };
  assert.deepEqual(checkResources(resources, machine).resources, { Memory: 64 * M, MemorySwap: 128 * M });
  assert.deepEqual(resources, { Memory: 64 * M });
  assert.deepEqual(checkResources(resources, machine, { update: true }).resources, { Memory: 64 * M });
});

Deno.test("checkResources() without swap accounting limits memory alone", () => {
  const checked = checkResources({ Memory: 64 * M }, { ...machine, swap: false });
  assert.deepEqual(checked.resources, { Memory: 64 * M, MemorySwap: 0 });
  assert.match(checked.warnings.join(), /Memory limited without swap\.$/);
});

Deno.test("checkResources() warns of no OOM killer without a limit, and reads a swappiness of -1 as not set", () => {
  const { warnings } = checkResources({ OomKillDisable: true }, machine);
  assert.match(warnings.join(), /^OOM killer is disabled for the container, but no memory limit is set/);
  const clients = { OomKillDisable: false, MemorySwappiness: -1 };
  assert.deepEqual(checkResources(clients, bare), {
    resources: { OomKillDisable: null, MemorySwappiness: null },
    warnings: [],
  });
});

Deno.test("checkResources() brings shares into the kernel's range", () => {
  assert.deepEqual(checkResources({ CpuShares: 1 }, machine).resources, { CpuShares: 2 });
  assert.deepEqual(checkResources({ CpuShares: 1e6 }, machine).resources, { CpuShares: 262_144 });
});
