import { coalesce } from "../base/coalesce.ts";
import type { Bytes } from "../base/container_engine.ts";
import { conflict } from "../base/errors.ts";
import { encodeName } from "../base/file_name.ts";
import { tarEntry } from "../base/tar/entry.ts";
import { type TarFile, writeTar } from "../base/tar/writer.ts";
import { compressionOf } from "./decompress.ts";
import { fileEntry, hardLinkEntry } from "./file_entry.ts";
import { isDirectory } from "./union_folder.ts";
import { type LayerFile, type LayerFolder, walkLayer } from "./walk_layer.ts";
import { isWhiteout, isWhiteoutName, opaqueName, whiteoutName } from "./whiteout.ts";

/**
 * The layer in `upper`, which lies over the layers in the folders `lowers` (topmost first), as the tar that an image has
 * it in (OCI image specification, layer.md). Each folder comes before what is in it, its files by name before its folders;
 * its root has no entry, as in Docker's layers. What overlay has copied up without a change comes along, as it does there.
 * @throws `conflict` for a file whose name says in a tar that another one is gone
 */
export function packChanges(upper: string, lowers: readonly string[]): AsyncGenerator<Bytes> {
  return coalesce(writeTar(withoutMagic(files(upper, lowers))));
}

function* files(upper: string, lowers: readonly string[]): Generator<TarFile> {
  const linked = new Map<bigint, string>();
  for (const folder of walkLayer(upper, lowers)) {
    if (folder.untouched) continue;
    yield* folderEntries(folder);
    for (const file of folder.files) {
      if (isDirectory(file.stat)) continue; // it comes by itself
      const entry = entryOf(folder, file, linked);
      if (entry !== undefined) yield entry;
    }
  }
}

function* folderEntries({ path, at, opaque }: LayerFolder): Generator<TarFile> {
  if (path !== "") {
    refuseWhiteoutName(path);
    const entry = fileEntry(at, ".", path);
    if (entry !== undefined) yield entry;
  }
  if (opaque) yield whiteout(opaqueName(path));
}

function entryOf({ path, at }: LayerFolder, { name, stat }: LayerFile, linked: Map<bigint, string>) {
  const full = path === "" ? name : `${path}/${name}`;
  // First, because all whiteouts may be one inode with many names (Linux 5.8).
  if (isWhiteout(stat)) return whiteout(whiteoutName(full));
  refuseWhiteoutName(full);
  const first = linked.get(stat.inode);
  if (first !== undefined) return hardLinkEntry(at, name, full, first);
  const entry = fileEntry(at, name, full);
  if (entry !== undefined && stat.links > 1) linked.set(stat.inode, full);
  return entry;
}

function whiteout(name: string): TarFile {
  return { entry: tarEntry({ name }) };
}

function refuseWhiteoutName(path: string): void {
  if (!isWhiteoutName(path.slice(path.lastIndexOf("/") + 1))) return;
  throw conflict(`/${path} cannot be in an image: there a name with .wh. before it says that the other is gone`);
}

/**
 * A reader tells by its first bytes whether a tar is compressed, and these are the name of its first file: one called
 * `BZhow` must not look like bzip2.
 */
function* withoutMagic(files: Iterable<TarFile>): Generator<TarFile> {
  let isFirst = true;
  for (const file of files) {
    const { name } = file.entry;
    const misleads = isFirst && compressionOf(encodeName(name)) !== "none";
    yield misleads ? { ...file, entry: { ...file.entry, name: `./${name}` } } : file;
    isFirst = false;
  }
}
