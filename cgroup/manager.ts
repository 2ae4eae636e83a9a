import { readText } from "./kernel_read.ts";
import type { CgroupManager } from "./cgroup.ts";
import { parseMountTable } from "./mount_table.ts";
import { ManagerV1 } from "./v1/manager.ts";
import { ManagerV2 } from "./v2/manager.ts";

export interface OpenCgroupsOptions {
  /** Where the hierarchies are mounted; default `/sys/fs/cgroup`. */
  readonly root?: string;
  /** The mount table; default `/proc/self/mounts`. */
  readonly mounts?: string;
}

/**
 * The cgroups of this machine: v1 where a controller is mounted as v1 (hybrid too), else v2.
 * @throws {EngineError} `unavailable` when there are none
 */
export function openCgroups(options: OpenCgroupsOptions = {}): CgroupManager {
  const { root = "/sys/fs/cgroup", mounts = readText("/proc/self/mounts") } = options;
  const layout = parseMountTable(mounts, root);
  return layout.version === 1 ? new ManagerV1(layout.hierarchies) : new ManagerV2(layout.folder);
}
