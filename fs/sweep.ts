import { discard, emptyTrash, isTrash } from "./trash.ts";

/**
 * Takes away what an engine that died left behind: everything in `staging/`, and the writable folders of containers that
 * are not `known`. Called at the start, before anything is staged. The deletion itself goes on in the background.
 */
export function sweep(root: string, known: ReadonlySet<string>): void {
  for (const { name } of Deno.readDirSync(`${root}/staging`)) {
    if (!isTrash(name)) discard(root, `${root}/staging/${name}`);
  }
  sweepFolder(root, "containers", known);
  void emptyTrash(root);
}

/** The same for one folder of the state folder. */
export function sweepFolder(root: string, folder: string, known: ReadonlySet<string>): void {
  for (const { name } of Deno.readDirSync(`${root}/${folder}`)) {
    if (!known.has(name)) discard(root, `${root}/${folder}/${name}`);
  }
}
