import { isDirectory } from "./union_folder.ts";
import { walk } from "./walk.ts";

/** Sum of the sizes of the files below a folder, in bytes; a file of several names counts once. Docker's `SizeRw`. */
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
  for (const { files } of walk(folder)) {
    let bytes = 0;
    for (const { stat } of files) {
      if (isDirectory(stat) || (stat.links > 1 && counted.has(stat.inode))) continue;
      if (stat.links > 1) counted.add(stat.inode);
      bytes += stat.size;
    }
    yield bytes;
  }
}
