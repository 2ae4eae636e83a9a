import type { Bytes } from "../../base/container_engine.ts";
import { invalid } from "../../base/errors.ts";
import { streamOwning } from "../../base/stream_owning.ts";
import { writeTar } from "../../base/tar/writer.ts";
import { fileEntry } from "../../fs/file_entry.ts";
import { packTree } from "../../fs/pack_tree.ts";
import { isDirectory, UnionFolder } from "../../fs/union_folder.ts";
import type { Fd } from "../../sys/fd.ts";
import { fileSystem, FS_MAGIC } from "../../sys/file_system.ts";
import type { OpenFiles } from "./open_files.ts";
import { type AskedPath, findPath } from "./resolve.ts";

/** What the kernel makes up: there is no end to some of its files, and others are the host's. */
const MADE_UP: ReadonlySet<number> = new Set([
  FS_MAGIC.PROC,
  FS_MAGIC.SYSFS,
  FS_MAGIC.CGROUP,
  FS_MAGIC.CGROUP2,
  FS_MAGIC.DEVPTS,
  FS_MAGIC.MQUEUE,
]);

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
  const crosses = (mounted: Fd, path: string) =>
    !MADE_UP.has(fileSystem(mounted).magic) && !(files.live && `${below}${path}` === "dev");
  undo.use(files);
  return streamOwning(undo.move(), packTree(folder, { top: prefix, prefix, crosses }));
}

function refuseMadeUp(place: Fd, path: string): void {
  if (!MADE_UP.has(fileSystem(place).magic)) return;
  throw invalid(`/${path} is made up by the kernel and not a file that could be copied`);
}
