/** Which cgroup hierarchies are mounted where, read from the mount table. */
import { unavailable } from "../base/errors.ts";

/** One hierarchy of v1: cpu and cpuacct often share one, and `name=systemd` has no controller at all. */
export interface Hierarchy {
  /** Where it is mounted. */
  readonly folder: string;
  /** `["cpu", "cpuacct"]`, `["name=systemd"]`. */
  readonly controllers: readonly string[];
}

export type CgroupLayout =
  | { readonly version: 1; readonly hierarchies: readonly Hierarchy[] }
  | { readonly version: 2; readonly folder: string };

/** Options of a v1 mount that are controllers (cgroups(7), "Cgroups version 1 controllers"). */
const CONTROLLERS: ReadonlySet<string> = new Set(
  "cpu cpuacct cpuset memory devices freezer blkio pids net_cls net_prio perf_event hugetlb rdma misc".split(" "),
);

/**
 * The layout below `root` that `mounts` (`/proc/self/mounts`) shows. Hybrid counts as v1: the v2 tree beside it has no
 * controllers as long as v1 has them.
 * @throws {EngineError} `unavailable` when no controller can be reached
 */
export function parseMountTable(mounts: string, root: string): CgroupLayout {
  const hierarchies: Hierarchy[] = [];
  let unified: string | undefined;
  for (const line of mounts.split("\n")) {
    const [, target = "", type, options = ""] = line.split(" ");
    const folder = unescape(target);
    if (folder !== root && !folder.startsWith(`${root}/`)) continue;
    if (type === "cgroup2") unified ??= folder;
    if (type !== "cgroup") continue;
    const controllers = options.split(",").filter((option) => CONTROLLERS.has(option) || option.startsWith("name="));
    const known = hierarchies.some((hierarchy) => hierarchy.controllers.join() === controllers.join());
    if (controllers.length > 0 && !known) hierarchies.push({ folder, controllers });
  }
  const usable = hierarchies.some(({ controllers }) => controllers.some((name) => CONTROLLERS.has(name)));
  if (usable) return { version: 1, hierarchies };
  if (unified !== undefined) return { version: 2, folder: unified };
  throw unavailable(
    `containers need cgroups, and none are mounted at ${root}: mount -t cgroup2 cgroup2 ${root} mounts them`,
  );
}

/** The table writes blanks and backslashes in octal (proc_pid_mountinfo(5)). */
function unescape(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
