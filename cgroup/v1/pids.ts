import type { GroupResources } from "../cgroup.ts";
import type { KernelWrite } from "../kernel_write.ts";

/** The number of tasks; 0 and -1 mean no limit. */
export function pidsWrites({ PidsLimit }: GroupResources): KernelWrite[] {
  if (PidsLimit === undefined || PidsLimit === null) return [];
  return [{ file: "pids.max", value: PidsLimit > 0 ? `${PidsLimit}` : "max" }];
}
