import { S, stat } from "../sys/attributes.ts";
import type { Fd } from "../sys/fd.ts";
import { O, openInRoot } from "../sys/open.ts";
import { isErrno } from "../sys/syscall_error.ts";
import { splitPath } from "./entry_path.ts";

/** Files of an archive by their number, counted from 0 over all entries. */
export type FileNumbers = ReadonlySet<number>;

/** Which file was made of which entry. */
export class MadeFiles {
  readonly #files: ({ readonly path: string; readonly inode: bigint } | undefined)[] = [];

  add(number: number, path: string, inode: bigint): void {
    this.#files[number] = { path, inode };
  }

  /** Those that are not at their path in `root` any more: a later entry took it. */
  lost(root: Fd): FileNumbers {
    const lost = new Set<number>();
    // The inode of a file that was removed may serve a later one: what it holds is the last one's.
    const owners = new Map(this.#files.flatMap((file, number) => file === undefined ? [] : [[file.inode, number]]));
    for (const [number, file] of this.#files.entries()) {
      if (file === undefined) continue;
      if (owners.get(file.inode) !== number || !isThere(root, file.path, file.inode)) lost.add(number);
    }
    return lost;
  }
}

function isThere(root: Fd, path: string, inode: bigint): boolean {
  const { folder, base } = splitPath(path);
  try {
    using at = openInRoot(root, folder || ".", O.PATH | O.DIRECTORY);
    const there = stat(at, base);
    return there.inode === inode && (there.mode & S.IFMT) === S.IFREG;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP")) return false;
    throw error;
  }
}
