/**
 * What a container writes to: `containers/ID/upper`, with overlay's `work` and the mount point `merged` beside it.
 */
import { fileExists } from "../base/file_exists.ts";
import { setMode, setOwner, stat } from "../sys/attributes.ts";
import { ensureDirectory, makeDirectory } from "../sys/directory.ts";
import { CWD } from "../sys/fd.ts";
import { O, open } from "../sys/open.ts";
import { discard } from "./trash.ts";

const FOLDERS = ["upper", "work", "merged"];

/**
 * Makes the writable layer of container `id`, in one step. Its folder lets nobody but root through: below it are
 * set-user-ID files (CVE-2021-41091). The upper's mode becomes that of the container's `/`: 0755 as Docker has it, or
 * with `host` the host's own.
 */
export function createWritable(root: string, id: string, { host = false } = {}): void {
  const staged = `${root}/staging/container-${id}`;
  using undo = new DisposableStack();
  makeDirectory(CWD, staged, 0o700);
  undo.defer(() => discard(root, staged));
  for (const name of FOLDERS) makeDirectory(CWD, `${staged}/${name}`, 0o700);
  using upper = open(`${staged}/upper`, O.RDONLY | O.DIRECTORY);
  const { uid, gid, mode } = host ? stat(CWD, "/") : { uid: 0, gid: 0, mode: 0o755 };
  setOwner(upper, "", uid, gid);
  setMode(upper, mode & 0o7777);
  Deno.renameSync(staged, `${root}/containers/${id}`);
  undo.move();
}

/** Which folders the writable layer of a container lacks; all, where there is none. */
export function missingFolders(root: string, id: string): string[] {
  return FOLDERS.filter((name) => !fileExists(`${root}/containers/${id}/${name}`));
}

/** Makes those of them that hold nothing between two runs. */
export function mendWritable(root: string, id: string): void {
  for (const name of ["work", "merged"]) ensureDirectory(CWD, `${root}/containers/${id}/${name}`, 0o700);
}

/** Removes it: at once out of the way, its files in the background. Nothing there is fine. */
export function removeWritable(root: string, id: string): void {
  discard(root, `${root}/containers/${id}`);
}
