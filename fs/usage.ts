import { kindOf } from "../sys/attributes.ts";
import { isErrno } from "../sys/syscall_error.ts";
import { walk, type WalkedFolder } from "./walk.ts";

/**
 * What a folder takes, in bytes: the lengths of its regular files, each once, however many names and holes it has, as
 * `du --apparent-size` counts them without folders. A layer's size is the same. Docker's `SizeRw`, and of volumes its
 * `Size`. Nothing there is nothing.
 */
export function usage(folder: string): number {
  let bytes = 0;
  for (const size of sizes(folder)) bytes += size;
  return bytes;
}

/** The same for a folder of any size: others get their turn in between. */
export async function usageInTurns(folder: string): Promise<number> {
  let bytes = 0, folders = 0;
  for (const size of sizes(folder)) {
    bytes += size;
    if (++folders % FOLDERS_PER_TURN === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return bytes;
}

const FOLDERS_PER_TURN = 50;

/** Of the files of each folder. */
function* sizes(folder: string): Generator<number> {
  const counted = new Set<bigint>();
  for (const { files } of foldersBelow(folder)) {
    let bytes = 0;
    for (const { stat } of files) {
      if (kindOf(stat) !== "file" || (stat.links > 1 && counted.has(stat.inode))) continue;
      if (stat.links > 1) counted.add(stat.inode);
      bytes += stat.size;
    }
    yield bytes;
  }
}

/** One that has lost its folder must not keep the others from being counted. */
function* foldersBelow(folder: string): Generator<WalkedFolder> {
  try {
    yield* walk(folder);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}
