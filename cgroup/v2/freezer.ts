import { unavailable } from "../../base/errors.ts";
import { writeKernelFile } from "../../sys/file.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import { parseFlatKeyed, readText } from "../kernel_read.ts";
import { pauses, sleep } from "../retry.ts";

/** Asks all processes to stop; they do so one by one. */
export function stop(folder: string): void {
  writeKernelFile(`${folder}/cgroup.freeze`, "1");
}

/** Lets all processes go on; a group that is gone has none. */
export function go(folder: string): void {
  try {
    writeKernelFile(`${folder}/cgroup.freeze`, "0");
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENODEV")) throw error;
  }
}

/** Stops all processes and waits until they have (cgroup.events, `frozen 1`). */
export async function freeze(folder: string): Promise<void> {
  stop(folder);
  for (const pause of pauses(10_000)) {
    if (parseFlatKeyed(readText(`${folder}/cgroup.events`)).frozen === 1) return;
    await sleep(pause);
  }
  go(folder);
  throw unavailable(`the processes of ${folder} do not stop: cgroup.events has not said frozen for 10 seconds`);
}
