import { writeKernelFile } from "../../sys/file.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import { killAll } from "../kill_all.ts";
import { go, stop } from "./freezer.ts";

/** Kills all processes of the group, frozen ones included, in one step where the kernel can (Linux 5.14). */
export function kill(folder: string): void {
  try {
    writeKernelFile(`${folder}/cgroup.kill`, "1");
    return;
  } catch (error) {
    if (isErrno(error, "ENODEV")) return; // gone already
    if (!isErrno(error, "ENOENT")) throw error;
  }
  try {
    killAll(folder, () => stop(folder), () => go(folder));
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENODEV")) throw error;
  }
}
