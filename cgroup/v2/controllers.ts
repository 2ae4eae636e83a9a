import { writeKernelFile } from "../../sys/file.ts";
import { readText } from "../kernel_read.ts";

/** The controllers that Docker's limits need. */
const WANTED: readonly string[] = ["cpuset", "cpu", "io", "memory", "pids"];

/**
 * Lets the groups in `folder` have controllers. A controller that the kernel lacks, or that cannot be enabled because
 * `folder` has processes of its own ("no internal processes", cgroups(7)), is left out: the limit that needs it says so
 * later. All are asked for in one write, and singly only when that fails, since it is all or nothing.
 */
export function enableControllers(folder: string): void {
  const file = `${folder}/cgroup.subtree_control`;
  const enabled = readText(file).trim().split(" ");
  if (WANTED.every((name) => enabled.includes(name))) return;
  const available = readText(`${folder}/cgroup.controllers`).trim().split(" ");
  const missing = WANTED.filter((name) => available.includes(name) && !enabled.includes(name));
  if (missing.length > 0 && !tryWrite(file, missing)) { for (const name of missing) tryWrite(file, [name]); }
}

function tryWrite(file: string, names: readonly string[]): boolean {
  try {
    writeKernelFile(file, names.map((name) => `+${name}`).join(" "));
    return true;
  } catch {
    return false;
  }
}
