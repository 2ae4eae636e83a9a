import { unavailable } from "../../base/errors.ts";
import { writeKernelFile } from "../../sys/file.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import { readText } from "../kernel_read.ts";
import { pauses, sleep } from "../retry.ts";

/** Asks all processes to stop; they do so one by one. */
export function stop(folder: string): void {
  writeKernelFile(`${folder}/freezer.state`, "FROZEN");
}

/** Lets all processes go on; a group that is gone has none. */
export function go(folder: string): void {
  try {
    writeKernelFile(`${folder}/freezer.state`, "THAWED");
  } catch (error) {
    if (!isErrno(error, "ENOENT", "ENODEV")) throw error;
  }
}

/**
 * Stops all processes and waits until they have. A process that forks or waits for another frozen one can keep the
 * group FREEZING for ever (Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst): writing FROZEN again helps, and
 * so does a short thaw now and then.
 */
export async function freeze(folder: string): Promise<void> {
  let tries = 0;
  stop(folder);
  for (const pause of pauses(10_000)) {
    if (readText(`${folder}/freezer.state`).trim() === "FROZEN") return;
    await sleep(pause);
    if (++tries % 16 === 0) {
      go(folder);
      await sleep(1);
    }
    stop(folder);
  }
  go(folder);
  throw unavailable(`the processes of ${folder} do not stop: freezer.state has stayed FREEZING for 10 seconds`);
}
