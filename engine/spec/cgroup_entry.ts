import type { Cgroup, CgroupEntry } from "../../cgroup/cgroup.ts";

/** The ways into a container's control groups; `opened` closes them. */
export function entryOf(group: Cgroup, opened: DisposableStack): CgroupEntry {
  const entry = group.openEntry();
  for (const fd of entry.tasks) opened.use(fd);
  opened.use(entry.group);
  return entry;
}
