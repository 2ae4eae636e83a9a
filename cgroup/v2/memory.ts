import { invalid } from "../../base/errors.ts";
import type { GroupResources } from "../cgroup.ts";
import type { KernelWrite } from "../kernel_write.ts";

/** Memory in v2: swap has a limit of its own, and the reservation is what reclaim leaves alone. */
export function memoryWrites(resources: GroupResources): KernelWrite[] {
  const { Memory = 0, MemorySwap = 0, MemoryReservation = 0 } = resources;
  const writes: KernelWrite[] = [];
  const swap = swapOf(Memory, MemorySwap);
  if (swap !== undefined) writes.push({ file: "memory.swap.max", value: limit(swap) });
  if (Memory !== 0) writes.push({ file: "memory.max", value: limit(Memory) });
  if (MemoryReservation !== 0) writes.push({ file: "memory.low", value: limit(MemoryReservation) });
  return writes;
}

function limit(bytes: number): string {
  return bytes < 0 ? "max" : `${bytes}`;
}

/** Docker's number is memory plus swap, the kernel's is swap alone; undefined: leave it. */
function swapOf(memory: number, memorySwap: number): number | undefined {
  if (memory === -1 && memorySwap === 0) return -1; // no limit for memory means none for swap
  if (memorySwap === 0) return undefined;
  if (memorySwap < 0) return -1;
  if (memory <= 0) throw invalid("You should always set the Memory limit when using Memoryswap limit, see usage");
  if (memorySwap < memory) throw invalid("Minimum memoryswap limit should be larger than memory limit, see usage");
  return memorySwap - memory;
}
