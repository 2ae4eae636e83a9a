/**
 * The folders of volumes: `volumes/NAME/_data` holds what the containers see. It is filled while it is empty, by a copy
 * beside it (`_fill`) that is moved in when it is whole: `_data` itself stays, for a container may have it already.
 */
import { failpoint } from "../base/failpoint.ts";
import { fileExists } from "../base/file_exists.ts";
import { setMode } from "../sys/attributes.ts";
import { listDirectory, makeDirectory, rename } from "../sys/directory.ts";
import { CWD } from "../sys/fd.ts";
import { O, open } from "../sys/open.ts";
import { isErrno } from "../sys/syscall_error.ts";
import { copyFolderAttributes, copyTree } from "./copy_tree.ts";
import { discard } from "./trash.ts";
import type { UnionFolder } from "./union_folder.ts";

const DATA = "_data", FILL = "_fill";

function volumeFolder(root: string, name: string): string {
  return `${root}/volumes/${name}`;
}

/** Docker's `Mountpoint`. */
export function volumeData(root: string, name: string): string {
  return `${volumeFolder(root, name)}/${DATA}`;
}

/** Makes the folder of a volume, in one step. A sweep takes it away unless the database knows it by then. */
export function createVolumeFolder(root: string, name: string): void {
  const staged = `${root}/staging/volume-${crypto.randomUUID()}`;
  using undo = new DisposableStack();
  makeDirectory(CWD, staged, 0o700);
  undo.defer(() => discard(root, staged));
  makeDirectory(CWD, `${staged}/${DATA}`, 0o700);
  using data = open(`${staged}/${DATA}`, O.RDONLY | O.DIRECTORY);
  setMode(data, 0o755);
  failpoint("volume.staged");
  discard(root, volumeFolder(root, name)); // of one whose record is gone
  rename(CWD, staged, CWD, volumeFolder(root, name));
  undo.move();
}

/** At once out of the way, its files in the background. Nothing there is fine. */
export function removeVolumeFolder(root: string, name: string): void {
  discard(root, volumeFolder(root, name));
}

export function renameVolumeFolder(root: string, name: string, newName: string): void {
  try {
    rename(CWD, volumeFolder(root, name), CWD, volumeFolder(root, newName));
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error; // it was done before a crash
  }
}

/** Whether a volume has nothing in it yet. */
export function isEmptyVolume(folder: string): boolean {
  using data = open(folder, O.RDONLY | O.DIRECTORY);
  return listDirectory(data).next().done === true;
}

/** Copies into a folder that is nobody's yet, or is not the engine's own: a crash leaves it as far as it has come. */
export async function fillDirectly(source: UnionFolder, folder: string): Promise<void> {
  using target = open(folder, O.RDONLY | O.DIRECTORY);
  await copyTree(source, target);
}

/** The first half of filling a volume that others may have: a folder beside it, which {@link endFill} moves in. */
export function beginFill(root: string, name: string): string {
  const folder = `${volumeFolder(root, name)}/${FILL}`;
  discard(root, folder);
  makeDirectory(CWD, folder, 0o700);
  using fill = open(folder, O.RDONLY | O.DIRECTORY);
  setMode(fill, 0o755);
  return folder;
}

/** Whether {@link beginFill} has made something that was neither moved in nor given up. */
export function hasFill(root: string, name: string): boolean {
  return fileExists(`${volumeFolder(root, name)}/${FILL}`);
}

/** Gives up what {@link beginFill} has made. Nothing there is fine. */
export function dropFill(root: string, name: string): void {
  discard(root, `${volumeFolder(root, name)}/${FILL}`);
}

/** The second half; done again as often as it is interrupted. What somebody has put there meanwhile stays. */
export function endFill(root: string, name: string): void {
  const folder = volumeFolder(root, name);
  using undo = new DisposableStack();
  try {
    const fill = undo.use(open(`${folder}/${FILL}`, O.RDONLY | O.DIRECTORY));
    const data = undo.use(open(`${folder}/${DATA}`, O.RDONLY | O.DIRECTORY));
    copyFolderAttributes(fill, data);
    const there = new Set(listDirectory(data));
    for (const child of [...listDirectory(fill)]) {
      if (there.has(child)) continue;
      rename(fill, child, data, child);
      failpoint("volume.fill.child");
    }
    copyFolderAttributes(fill, data);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
  dropFill(root, name);
}
