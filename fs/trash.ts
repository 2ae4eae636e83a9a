/**
 * Removal in two steps: a rename into `staging/trash-…`, which is instant and whole, then the slow deletion in the
 * background. A crash between leaves what the next sweep finds.
 */
import { isErrno } from "../sys/syscall_error.ts";
import { O, open } from "../sys/open.ts";
import { rename } from "../sys/directory.ts";
import { CWD } from "../sys/fd.ts";
import { removingTree } from "./remove_tree.ts";

const PREFIX = "trash-";
/** Files per turn of the event loop; with the pause about 20,000 a second at most, so that others get their turn. */
const PER_TURN = 100;
const PAUSE = 5;

const emptying = new Map<string, Promise<void>>();

/** Takes `path`, in the file system of the state folder `root`, out of the way. Nothing there is fine. */
export function discard(root: string, path: string): void {
  try {
    rename(CWD, path, CWD, `${root}/staging/${PREFIX}${crypto.randomUUID()}`);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
    return;
  }
  void emptyTrash(root);
}

/** Deletes what was discarded; settles when nothing is left or it cannot be deleted now. Keeps no process alive. */
export function emptyTrash(root: string): Promise<void> {
  const running = emptying.get(root) ?? Promise.resolve();
  const next = running.then(() => deleteAll(`${root}/staging`)).catch(() => {}); // the next sweep tries again
  emptying.set(root, next);
  void next.then(() => {
    if (emptying.get(root) === next) emptying.delete(root);
  });
  return next;
}

/** What was discarded, and could not be deleted: paths. Nothing while deletions are under way. */
export function trashLeft(root: string): string[] {
  if (emptying.has(root)) return [];
  return names(`${root}/staging`).filter(isTrash).map((name) => `${root}/staging/${name}`);
}

/** Settles when the deletions that are under way have ended; while somebody waits, the process stays alive. */
export async function trashEmptied(root: string): Promise<void> {
  const alive = setInterval(() => {}, 1000);
  await emptying.get(root);
  clearInterval(alive);
}

async function deleteAll(staging: string): Promise<void> {
  for (const name of names(staging).filter(isTrash)) {
    await pause();
    using folder = open(staging, O.RDONLY | O.DIRECTORY);
    let files = 0;
    try {
      for (const _ of removingTree(folder, name)) if (++files % PER_TURN === 0) await pause();
    } catch {
      continue; // something is mounted below, or the disk failed: the others can go
    }
  }
}

/** Whether a name in `staging/` is that of something discarded. */
export function isTrash(name: string): boolean {
  return name.startsWith(PREFIX);
}

function names(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name);
}

function pause(): Promise<void> {
  return new Promise((resolve) => Deno.unrefTimer(setTimeout(resolve, PAUSE)));
}
