import { fileExists } from "../../base/file_exists.ts";
import type { Fd } from "../../sys/fd.ts";
import { O, open } from "../../sys/open.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import type { Cgroup, CgroupEntry, DeviceRule, GroupResources } from "../cgroup.ts";
import { blockDeviceNumber } from "../device_number.ts";
import { processesBelow } from "../group_folder.ts";
import type { GroupStats } from "../group_stats.ts";
import { readNumber } from "../kernel_read.ts";
import { applyWrites, type KernelWrite } from "../kernel_write.ts";
import type { Hierarchy } from "../mount_table.ts";
import { removeGroups } from "../remove_group.ts";
import { blkioWrites } from "./blkio.ts";
import { cpuWrites } from "./cpu.ts";
import { cpusetWrites } from "./cpuset.ts";
import { deviceWrites } from "./devices.ts";
import { freeze, go } from "./freezer.ts";
import { kill } from "./kill.ts";
import { explainRefusal, memoryWrites } from "./memory.ts";
import { oomKills, watchOom } from "./oom.ts";
import { pidsWrites } from "./pids.ts";
import { stats } from "./stats.ts";

/** A group of v1: the same path in every hierarchy. */
export class GroupV1 implements Cgroup {
  readonly path: string;
  readonly #folders: readonly string[];
  /** Controller to folder; several controllers may share one. */
  readonly #byController: ReadonlyMap<string, string>;

  constructor(path: string, hierarchies: readonly Hierarchy[]) {
    this.path = path;
    this.#folders = hierarchies.map(({ folder }) => folder + path);
    this.#byController = new Map(
      hierarchies.flatMap(({ folder, controllers }) => controllers.map((name) => [name, folder + path] as const)),
    );
  }

  /** Limits and devices of a new group. */
  restrict(resources: GroupResources, devices: readonly DeviceRule[]): void {
    this.#apply([...this.#limits(resources), ...deviceWrites(devices)], resources);
  }

  update(changes: GroupResources): void {
    const memory = this.#folderOf("memory");
    const current = memory === undefined ? undefined : readNumber(`${memory}/memory.limit_in_bytes`);
    this.#apply(this.#limits(changes, current), changes);
  }

  #limits(resources: GroupResources, memoryLimit?: number): KernelWrite[] {
    const weighs = Boolean(resources.BlkioWeight || resources.BlkioWeightDevice?.length);
    const bfq = weighs && !fileExists(`${this.#folderOf("blkio")}/blkio.weight`);
    return [
      ...memoryWrites(resources, memoryLimit),
      ...cpusetWrites(resources),
      ...cpuWrites(resources),
      ...pidsWrites(resources),
      ...blkioWrites(resources, { deviceNumber: blockDeviceNumber, bfq }),
    ];
  }

  #apply(writes: readonly KernelWrite[], resources: GroupResources): void {
    try {
      applyWrites(writes, this.#folderOf);
    } catch (error) {
      throw explainRefusal(error, this.#folderOf("memory"), resources);
    }
  }

  readonly #folderOf = (controller: string): string | undefined => this.#byController.get(controller);

  /** Where processes are listed and stopped: freezer if there is one, else any hierarchy. */
  get #processFolder(): string {
    return this.#folderOf("freezer") ?? this.#folders[0] ?? "";
  }

  openEntry(): CgroupEntry {
    const opened: Fd[] = [];
    try {
      for (const folder of this.#folders) opened.push(open(`${folder}/tasks`, O.WRONLY));
      return { tasks: opened };
    } catch (error) {
      for (const fd of opened) fd.close();
      throw error;
    }
  }

  freeze(): Promise<void> {
    return freeze(this.#processFolder);
  }

  // deno-lint-ignore require-await
  async thaw(): Promise<void> {
    go(this.#processFolder);
  }

  kill(): void {
    kill(this.#processFolder);
  }

  processes(): number[] {
    return processesBelow(this.#processFolder);
  }

  oomKills(): number {
    const folder = this.#folderOf("memory");
    return folder === undefined ? 0 : oomKills(folder);
  }

  watchOom(): Fd | undefined {
    const folder = this.#folderOf("memory");
    try {
      return folder === undefined ? undefined : watchOom(folder);
    } catch (error) {
      // The events are a build option (CONFIG_MEMCG_V1, Linux 6.11) and unknown to real-time kernels.
      if (isErrno(error, "ENOENT", "EOPNOTSUPP")) return undefined;
      throw error;
    }
  }

  stats(): GroupStats {
    return stats(this.#folderOf);
  }

  remove(): Promise<void> {
    return removeGroups(this.path, this.#folders);
  }
}
