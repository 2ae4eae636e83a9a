import type { Bytes } from "../../base/container_engine.ts";
import { streamOwning } from "../../base/stream_owning.ts";
import { writeTar } from "../../base/tar/writer.ts";
import { fileEntry } from "../../fs/file_entry.ts";
import { packTree } from "../../fs/pack_tree.ts";
import { isDirectory, UnionFolder } from "../../fs/union_folder.ts";
import type { Fd } from "../../sys/fd.ts";
import { isMadeUp, refuseMadeUp } from "./made_up.ts";
import type { OpenFiles } from "./open_files.ts";
import { type AskedPath, findPath } from "./resolve.ts";

/**
 * What lies at a path as a tar that begins with its name; `files` is closed with the last of it.
 * @throws `not_found`, `invalid` for what the kernel makes up
 */
export function archiveOf(files: OpenFiles, asked: AskedPath, of: string): ReadableStream<Bytes> {
  using found = findPath(files.root, asked, of);
  for (const place of [found.at, found.itself]) refuseMadeUp(place, asked.path);
  using undo = new DisposableStack();
  if (!isDirectory(found.stat)) {
    const entry = fileEntry(found.at, found.name, asked.name);
    if (entry?.dispose) undo.defer(entry.dispose);
    undo.use(files);
    return streamOwning(undo.move(), writeTar(entry === undefined ? [] : [entry]));
  }
  const folder = undo.use(UnionFolder.plain(found.itself));
  const prefix = `${asked.name}/`;
  const below = asked.path === "" ? "" : `${asked.path}/`;
  const crosses = (mounted: Fd, path: string) => !isMadeUp(mounted) && !(files.live && `${below}${path}` === "dev");
  undo.use(files);
  return streamOwning(undo.move(), packTree(folder, { top: prefix, prefix, crosses }));
}
