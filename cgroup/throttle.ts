import type { ThrottleDevice } from "../base/docker/resources.ts";
import type { GroupResources } from "./cgroup.ts";
import type { DeviceNumber } from "./device_number.ts";

/** One limit of one device; `rate` 0 takes it away. */
export interface Throttle {
  readonly kind: "rbps" | "wbps" | "riops" | "wiops";
  /** `8:0`. */
  readonly device: string;
  readonly rate: number;
}

/** Docker's four lists of throttled devices as one. */
export function throttles(resources: GroupResources, deviceNumber: DeviceNumber): Throttle[] {
  const of = (kind: Throttle["kind"], list: readonly ThrottleDevice[] | null | undefined) =>
    (list ?? []).map(({ Path, Rate }) => ({ kind, device: deviceNumber(Path), rate: Rate }));
  return [
    ...of("rbps", resources.BlkioDeviceReadBps),
    ...of("wbps", resources.BlkioDeviceWriteBps),
    ...of("riops", resources.BlkioDeviceReadIOps),
    ...of("wiops", resources.BlkioDeviceWriteIOps),
  ];
}

/** What the block I/O conversion has to know of the machine. */
export interface BlockIo {
  readonly deviceNumber: DeviceNumber;
  /** Whether the weights are those of the BFQ scheduler, which has files of its own. */
  readonly bfq: boolean;
}
