import { conflict } from "../../base/errors.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import type { GroupResources } from "../cgroup.ts";
import { readNumber } from "../kernel_read.ts";
import type { KernelWrite } from "../kernel_write.ts";

/**
 * Memory in v1. The kernel demands limit <= memsw at every moment, so the order of the two depends on what is in
 * force: `current` is the present memory.limit_in_bytes of a group in use, Infinity in a new one.
 */
export function memoryWrites(resources: GroupResources, current: number = Infinity): KernelWrite[] {
  const { Memory = 0, MemoryReservation = 0, MemorySwappiness, OomKillDisable } = resources;
  // No limit for memory means none for memory and swap either, unless that is given.
  const MemorySwap = Memory === -1 && !resources.MemorySwap ? -1 : resources.MemorySwap ?? 0;
  const memory: KernelWrite[] = Memory === 0 ? [] : [{ file: "memory.limit_in_bytes", value: `${Memory}` }];
  const swap: KernelWrite[] = MemorySwap === 0 ? [] : [{ file: "memory.memsw.limit_in_bytes", value: `${MemorySwap}` }];
  const swapFirst = Memory !== 0 && (MemorySwap === -1 || current < MemorySwap);
  const writes = swapFirst ? [...swap, ...memory] : [...memory, ...swap];
  if (MemoryReservation !== 0) writes.push({ file: "memory.soft_limit_in_bytes", value: `${MemoryReservation}` });
  if (OomKillDisable !== undefined && OomKillDisable !== null) {
    writes.push({ file: "memory.oom_control", value: OomKillDisable ? "1" : "0" });
  }
  if (MemorySwappiness !== undefined && MemorySwappiness !== null && MemorySwappiness !== -1) {
    writes.push({ file: "memory.swappiness", value: `${MemorySwappiness}` });
  }
  return writes;
}

/** Tells why a limit was refused: the kernel answers EBUSY when it cannot bring the use below it. */
export function explainRefusal(error: unknown, folder: string | undefined, resources: GroupResources): unknown {
  if (folder === undefined || !isErrno(error, "EBUSY") || !resources.Memory) return error;
  const usage = readNumber(`${folder}/memory.usage_in_bytes`);
  const peak = readNumber(`${folder}/memory.max_usage_in_bytes`);
  return conflict(`unable to set memory limit to ${resources.Memory} (current usage: ${usage}, peak usage: ${peak})`, {
    cause: error,
  });
}
