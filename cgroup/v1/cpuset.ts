import type { GroupResources } from "../cgroup.ts";
import { parentOf } from "../group_folder.ts";
import { readText } from "../kernel_read.ts";
import type { KernelWrite } from "../kernel_write.ts";
import { writeKernelFile } from "../../sys/file.ts";

/** CPUs and memory nodes. */
export function cpusetWrites({ CpusetCpus = "", CpusetMems = "" }: GroupResources): KernelWrite[] {
  const writes: KernelWrite[] = [];
  if (CpusetCpus !== "") writes.push({ file: "cpuset.cpus", value: CpusetCpus });
  if (CpusetMems !== "") writes.push({ file: "cpuset.mems", value: CpusetMems });
  return writes;
}

/**
 * A new cpuset of v1 has neither CPUs nor memory nodes and takes no process (ENOSPC) until it has: copies them down from
 * the first ancestor that has some (cpuset(7)).
 */
export function inheritCpuset(root: string, folder: string): void {
  for (const file of ["cpuset.cpus", "cpuset.mems"]) inherit(file, root, folder);
}

function inherit(file: string, root: string, folder: string): string {
  const own = readText(`${folder}/${file}`).trim();
  if (own !== "" || folder === root) return own;
  const inherited = inherit(file, root, parentOf(folder));
  writeKernelFile(`${folder}/${file}`, inherited);
  return inherited;
}

/** Lets the groups that will be made in `folder` start with its CPUs and nodes: what saves each start two writes. */
export function letChildrenInherit(folder: string): void {
  writeKernelFile(`${folder}/cgroup.clone_children`, "1");
}
