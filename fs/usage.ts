import { isDirectory } from "./union_folder.ts";
import { walk } from "./walk.ts";

/** Sum of the sizes of the files below a folder, in bytes; a file of several names counts once. Docker's `SizeRw`. */
export function usage(folder: string): number {
  const counted = new Set<bigint>();
  let bytes = 0;
  for (const { files } of walk(folder)) {
    for (const { stat } of files) {
      if (isDirectory(stat) || (stat.links > 1 && counted.has(stat.inode))) continue;
      if (stat.links > 1) counted.add(stat.inode);
      bytes += stat.size;
    }
  }
  return bytes;
}
