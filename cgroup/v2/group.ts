import { fileExists } from "../../base/file_exists.ts";
import type { Fd } from "../../sys/fd.ts";
import { O, open } from "../../sys/open.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import type { Cgroup, CgroupEntry, DeviceRule, GroupResources } from "../cgroup.ts";
import { blockDeviceNumber } from "../device_number.ts";
import { processesBelow } from "../group_folder.ts";
import type { GroupStats } from "../group_stats.ts";
import { readTextOrNothing } from "../kernel_read.ts";
import { applyWrites } from "../kernel_write.ts";
import { removeGroups } from "../remove_group.ts";
import { blkioWrites } from "./blkio.ts";
import { cpuWrites } from "./cpu.ts";
import { cpusetWrites } from "./cpuset.ts";
import { restrictDevices } from "./devices.ts";
import { freeze, go } from "./freezer.ts";
import { kill } from "./kill.ts";
import { memoryWrites } from "./memory.ts";
import { oomKills, watchOom } from "./oom.ts";
import { pidsWrites } from "./pids.ts";
import { stats } from "./stats.ts";

/** A group of v2: one folder. */
export class GroupV2 implements Cgroup {
  readonly path: string;
  readonly #folder: string;

  constructor(path: string, root: string) {
    this.path = path;
    this.#folder = root + path;
  }

  /** Limits and devices of a new group. */
  restrict(resources: GroupResources, devices: readonly DeviceRule[]): void {
    this.update(resources);
    restrictDevices(this.#folder, devices);
  }

  update(changes: GroupResources): void {
    const weighs = Boolean(changes.BlkioWeight || changes.BlkioWeightDevice?.length);
    const bfq = weighs && fileExists(`${this.#folder}/io.bfq.weight`);
    const cpuChanges = Boolean(changes.CpuQuota || changes.CpuPeriod);
    const cpuMax = cpuChanges ? readTextOrNothing(`${this.#folder}/cpu.max`) : "";
    const writes = [
      ...memoryWrites(changes),
      ...cpusetWrites(changes),
      ...cpuWrites(changes, cpuMax || undefined),
      ...pidsWrites(changes),
      ...blkioWrites(changes, { deviceNumber: blockDeviceNumber, bfq }),
    ];
    applyWrites(writes, () => this.#folder);
  }

  openEntry(): CgroupEntry {
    return { tasks: [], group: open(this.#folder, O.PATH | O.DIRECTORY) };
  }

  freeze(): Promise<void> {
    return freeze(this.#folder);
  }

  // deno-lint-ignore require-await
  async thaw(): Promise<void> {
    go(this.#folder);
  }

  kill(): void {
    kill(this.#folder);
  }

  processes(): number[] {
    return processesBelow(this.#folder);
  }

  oomKills(): number {
    return oomKills(this.#folder);
  }

  watchOom(): Fd | undefined {
    try {
      return watchOom(this.#folder);
    } catch (error) {
      if (isErrno(error, "ENOENT")) return undefined; // no memory controller
      throw error;
    }
  }

  stats(): GroupStats {
    return stats(this.#folder);
  }

  remove(): Promise<void> {
    return removeGroups(this.path, [this.#folder]);
  }
}
