import { conflict } from "../base/errors.ts";
import { isErrno } from "../sys/syscall_error.ts";
import { processesBelow, removeTree } from "./group_folder.ts";
import { pauses, sleep } from "./retry.ts";

/**
 * Removes a group in all `folders`. The kernel answers EBUSY until the last process is reaped, and for a moment longer:
 * it is asked again, for two seconds in all.
 * @throws {EngineError} `conflict` when it is still in use then
 */
export async function removeGroups(path: string, folders: readonly string[]): Promise<void> {
  let left = tryRemove(folders);
  for (const pause of pauses(2000)) {
    if (left.length === 0) return;
    await sleep(pause);
    left = tryRemove(left);
  }
  const [first] = left;
  if (first === undefined) return;
  const pids = processesBelow(first);
  throw conflict(`the cgroup ${path} cannot be removed: ${pids.length} processes are in it (${pids.slice(0, 5)})`);
}

/** What is left of `folders`. */
function tryRemove(folders: readonly string[]): string[] {
  return folders.filter((folder) => {
    try {
      removeTree(folder);
      return false;
    } catch (error) {
      if (isErrno(error, "EBUSY")) return true;
      throw error;
    }
  });
}
