import type { Cgroup, CgroupManager, DeviceRule, GroupResources } from "../cgroup.ts";
import { checkPath, makeGroup, parentOf, removeEmptyGroups, removeTree } from "../group_folder.ts";
import { machineV2, type ResourceMachine } from "../machine.ts";
import { enableControllers } from "./controllers.ts";
import { GroupV2 } from "./group.ts";

/** Groups in the one tree of v2. */
export class ManagerV2 implements CgroupManager {
  readonly version = 2;
  readonly #root: string;
  #machine: ResourceMachine | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  create(path: string, resources: GroupResources, devices: readonly DeviceRule[]): Cgroup {
    checkPath(path);
    const group = new GroupV2(path, this.#root);
    const made: string[] = [];
    try {
      // A controller reaches a group only through all groups above it, from the top.
      makeGroup(this.#root, path, (folder) => {
        made.push(folder);
        enableControllers(parentOf(folder));
      });
      group.restrict(resources, devices);
      return group;
    } catch (error) {
      for (const folder of made.reverse()) removeTree(folder);
      throw error;
    }
  }

  open(path: string): Cgroup {
    checkPath(path);
    return new GroupV2(path, this.#root);
  }

  machine(): ResourceMachine {
    if (this.#machine === undefined) {
      enableControllers(this.#root); // the root has no limits itself: only groups below it show what there is
      this.#machine = machineV2(this.#root);
    }
    return this.#machine;
  }

  removeEmpty(path: string): void {
    checkPath(path);
    removeEmptyGroups(this.#root, path);
  }

  mounts(): ReturnType<CgroupManager["mounts"]> {
    return [{ type: "cgroup2", source: "cgroup", target: "", data: "" }];
  }
}
