import type { GroupResources } from "../cgroup.ts";
import type { KernelWrite } from "../kernel_write.ts";
import { type BlockIo, type Throttle, throttles } from "../throttle.ts";

const FILES: Readonly<Record<Throttle["kind"], string>> = {
  rbps: "blkio.throttle.read_bps_device",
  wbps: "blkio.throttle.write_bps_device",
  riops: "blkio.throttle.read_iops_device",
  wiops: "blkio.throttle.write_iops_device",
};

/** Block I/O in v1: weights 10-1000 as Docker has them, one file per kind of throttle. */
export function blkioWrites(resources: GroupResources, { deviceNumber, bfq }: BlockIo): KernelWrite[] {
  const weight = bfq ? "blkio.bfq.weight" : "blkio.weight"; // CFQ, and with it blkio.weight, left in Linux 5.0
  const { BlkioWeight = 0, BlkioWeightDevice } = resources;
  const writes: KernelWrite[] = [];
  if (BlkioWeight !== 0) writes.push({ file: weight, value: `${BlkioWeight}` });
  for (const { Path, Weight } of BlkioWeightDevice ?? []) {
    writes.push({ file: `${weight}_device`, value: `${deviceNumber(Path)} ${Weight}` });
  }
  for (const { kind, device, rate } of throttles(resources, deviceNumber)) {
    writes.push({ file: FILES[kind], value: `${device} ${rate}` });
  }
  return writes;
}
