/** A directory as a tar: the way back from fs/unpack_tree.ts. */
import type { Bytes } from "../base/container_engine.ts";
import { type TarFile, writeTar } from "../base/tar/writer.ts";
import { kindOf } from "../sys/attributes.ts";
import type { Fd } from "../sys/fd.ts";
import { fileEntry, hardLinkEntry } from "./file_entry.ts";
import { enterAll, type UnionFolder } from "./union_folder.ts";

export interface PackOptions {
  /** The name of the directory itself in the tar, with a slash at its end; absent: it has no entry. */
  readonly top?: string;
  /** What comes before the names of what is in it; absent: nothing. */
  readonly prefix?: string;
  /** Whether a directory below is packed that is another file system's; absent: none is. */
  readonly crosses?: (folder: Fd, path: string) => boolean;
}

/** The tar of what is in `folder`, which stays open. Sockets are left out: they mean nothing elsewhere. */
export function packTree(folder: UnionFolder, options: PackOptions = {}): AsyncGenerator<Bytes> {
  return writeTar(files(folder, options));
}

/**
 * Each directory is followed by all that is below it: GNU tar gives it its times, and takes its write permission, when it
 * sees the first name that is not.
 */
function* files(root: UnionFolder, { top, prefix = "", crosses = () => false }: PackOptions): Generator<TarFile> {
  const own = top === undefined ? undefined : fileEntry(root.top, ".", top);
  if (own !== undefined) yield own;
  const linked = new Map<string, string>();
  const left = [""];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    using folder = enterAll(root, path);
    if (folder === undefined) continue; // gone, or another thing, by now
    const below = path === "" ? "" : `${path}/`;
    if (path !== "") {
      const entry = fileEntry(folder.top, ".", `${prefix}${path}`);
      if (entry !== undefined) yield entry;
      if (folder.isMounted && !crosses(folder.top, path)) continue;
    }
    const folders: string[] = [];
    for (const name of [...folder.names()].sort()) {
      const found = folder.look(name);
      if (found === undefined) continue;
      if (kindOf(found.stat) === "directory") {
        folders.push(`${below}${name}`);
        continue;
      }
      const full = `${prefix}${below}${name}`;
      const key = found.stat.links > 1 ? `${found.stat.device} ${found.stat.inode}` : undefined;
      const first = key && linked.get(key);
      const entry = first ? hardLinkEntry(found.at, name, full, first) : fileEntry(found.at, name, full);
      if (entry === undefined) continue;
      if (key !== undefined && first === undefined) linked.set(key, full);
      yield entry;
    }
    left.push(...folders.reverse());
  }
}
