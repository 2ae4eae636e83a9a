import type { GroupResources } from "../cgroup.ts";
import type { KernelWrite } from "../kernel_write.ts";
import { type BlockIo, throttles } from "../throttle.ts";

/** Block I/O in v2 (controller `io`): one file for all throttles; weights as BFQ has them, or 1-10000 in io.weight. */
export function blkioWrites(resources: GroupResources, { deviceNumber, bfq }: BlockIo): KernelWrite[] {
  const { BlkioWeight = 0, BlkioWeightDevice } = resources;
  const file = bfq ? "io.bfq.weight" : "io.weight";
  const scale = (weight: number) => bfq ? weight : ioWeight(weight);
  const writes: KernelWrite[] = [];
  if (BlkioWeight !== 0) writes.push({ file, value: `${scale(BlkioWeight)}` });
  for (const { Path, Weight } of BlkioWeightDevice ?? []) {
    writes.push({ file, value: `${deviceNumber(Path)} ${scale(Weight)}` });
  }
  for (const { kind, device, rate } of throttles(resources, deviceNumber)) {
    writes.push({ file: "io.max", value: `${device} ${kind}=${rate === 0 ? "max" : rate}` });
  }
  return writes;
}

/** The line through (10, 1) and (1000, 10000), as runc draws it. */
export function ioWeight(blkioWeight: number): number {
  return 1 + Math.floor(((blkioWeight - 10) * 9999) / 990);
}
