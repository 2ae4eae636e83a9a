import type { Cgroup, CgroupManager, DeviceRule, GroupResources } from "../cgroup.ts";
import { checkPath, makeGroup, removeEmptyGroups, removeTree } from "../group_folder.ts";
import { machineV1, type ResourceMachine } from "../machine.ts";
import type { Hierarchy } from "../mount_table.ts";
import { inheritCpuset, letChildrenInherit } from "./cpuset.ts";
import { GroupV1 } from "./group.ts";

/** Groups in several hierarchies (v1, and hybrid, whose v2 tree has no controllers). */
export class ManagerV1 implements CgroupManager {
  readonly version = 1;
  readonly #hierarchies: readonly Hierarchy[];
  #machine: ResourceMachine | undefined;

  constructor(hierarchies: readonly Hierarchy[]) {
    this.#hierarchies = hierarchies;
  }

  create(path: string, resources: GroupResources, devices: readonly DeviceRule[]): Cgroup {
    checkPath(path);
    const group = new GroupV1(path, this.#hierarchies);
    const made: string[] = [];
    try {
      for (const hierarchy of this.#hierarchies) this.#make(hierarchy, path, made);
      group.restrict(resources, devices);
      return group;
    } catch (error) {
      for (const folder of made.reverse()) removeTree(folder);
      throw error;
    }
  }

  #make({ folder: root, controllers }: Hierarchy, path: string, made: string[]): void {
    const isCpuset = controllers.includes("cpuset");
    makeGroup(root, path, (folder) => {
      made.push(folder);
      if (!isCpuset) return;
      inheritCpuset(root, folder);
      if (folder !== root + path) letChildrenInherit(folder);
    });
  }

  open(path: string): Cgroup {
    checkPath(path);
    return new GroupV1(path, this.#hierarchies);
  }

  machine(): ResourceMachine {
    return this.#machine ??= machineV1(this.#hierarchies);
  }

  removeEmpty(path: string): void {
    checkPath(path);
    for (const { folder } of this.#hierarchies) removeEmptyGroups(folder, path);
  }

  /** As on the host: a folder per hierarchy, and a symlink for each name of one that several controllers share. */
  mounts(): ReturnType<CgroupManager["mounts"]> {
    const mounts: { type: "tmpfs" | "cgroup" | "symlink"; source: string; target: string; data: string }[] = [
      { type: "tmpfs", source: "tmpfs", target: "", data: "mode=755" },
    ];
    for (const { folder, controllers } of this.#hierarchies) {
      const target = folder.slice(folder.lastIndexOf("/") + 1);
      mounts.push({ type: "cgroup", source: "cgroup", target, data: controllers.join(",") });
      if (controllers.length < 2) continue;
      for (const name of controllers.filter((controller) => controller !== target)) {
        mounts.push({ type: "symlink", source: target, target: name, data: "" });
      }
    }
    return mounts;
  }
}
