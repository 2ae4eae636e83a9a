import assert from "node:assert/strict";
import type { GroupResources } from "./cgroup.ts";
import { mergeUpdate } from "./merge_update.ts";

const M = 1 << 20;

const merged: readonly { name: string; current: GroupResources; changes: GroupResources; result: GroupResources }[] = [
  {
    name: "what is left out, 0 or null stays",
    current: { Memory: 64 * M, MemorySwap: 128 * M, CpusetCpus: "0", OomKillDisable: false },
    changes: { CpuShares: 512, Memory: 0, CpusetCpus: "", OomKillDisable: null },
    result: { Memory: 64 * M, MemorySwap: 128 * M, CpusetCpus: "0", OomKillDisable: false, CpuShares: 512 },
  },
  {
    name: "a limit of 0 processes takes the limit away",
    current: { PidsLimit: 10 },
    changes: { PidsLimit: 0 },
    result: { PidsLimit: 0 },
  },
  {
    name: "memory may grow with unlimited swap",
    current: { Memory: 64 * M, MemorySwap: -1 },
    changes: { Memory: 256 * M },
    result: { Memory: 256 * M, MemorySwap: -1 },
  },
];
for (const { name, current, changes, result } of merged) {
  Deno.test(`mergeUpdate(): ${name}`, () => assert.deepEqual(mergeUpdate(current, changes), result));
}

const refused: readonly { current: GroupResources; changes: GroupResources; message: string }[] = [
  {
    current: { CpuPeriod: 1000 },
    changes: { NanoCpus: 1 },
    message: "Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set",
  },
  {
    current: { NanoCpus: 1 },
    changes: { CpuQuota: 1000 },
    message: "Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set",
  },
  {
    current: { Memory: 64 * M, MemorySwap: 128 * M },
    changes: { Memory: 256 * M },
    message: "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
  },
];
for (const { current, changes, message } of refused) {
  Deno.test(`mergeUpdate() refuses: ${message}`, () => assert.throws(() => mergeUpdate(current, changes), { message }));
}
