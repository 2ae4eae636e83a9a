/** Groups as folders, the same in v1 and v2: making, listing and removing a group with all that is below it. */
import { invalid } from "../base/errors.ts";
import { CWD, ensureDirectory, makeDirectory, unlink } from "../sys/directory.ts";
import { isErrno } from "../sys/syscall_error.ts";
import { readTextOrNothing } from "./kernel_read.ts";

const MODE = 0o755;

/**
 * Checks a group path; the user has a say in it (`--cgroup-parent`), and it must not lead out of the hierarchy.
 * @throws {EngineError} `invalid`
 */
export function checkPath(path: string): void {
  const steps = path.split("/").slice(1);
  const bad = steps.some((step) => step === "" || step === "." || step === ".." || step.includes("\0"));
  if (!path.startsWith("/") || bad) throw invalid(`invalid cgroup path ${JSON.stringify(path)}`);
}

/** The folder above `folder`. */
export function parentOf(folder: string): string {
  return folder.slice(0, folder.lastIndexOf("/"));
}

/**
 * Makes the group `root + path`, which must not be there yet, and those above it that are missing; `onMade` sees each
 * folder just made, topmost first. An empty group of that name (an engine died before it removed it) is replaced, so
 * that no limit of old survives.
 */
export function makeGroup(root: string, path: string, onMade: (folder: string) => void): void {
  const folder = root + path;
  try {
    makeDirectory(CWD, folder, MODE);
  } catch (error) {
    if (isErrno(error, "ENOENT")) {
      makeMissingParents(root, parentOf(path), onMade);
    } else if (isErrno(error, "EEXIST")) {
      removeTree(folder);
    } else {
      throw error;
    }
    makeDirectory(CWD, folder, MODE);
  }
  onMade(folder);
}

function makeMissingParents(root: string, path: string, onMade: (folder: string) => void): void {
  if (path === "") return;
  try {
    makeDirectory(CWD, root + path, MODE);
  } catch (error) {
    if (isErrno(error, "EEXIST")) return;
    if (!isErrno(error, "ENOENT")) throw error;
    makeMissingParents(root, parentOf(path), onMade);
    ensureDirectory(CWD, root + path, MODE);
  }
  onMade(root + path);
}

/** `folder` and all groups below it, the deepest first; nothing if it is gone. */
function groupsBelow(folder: string): string[] {
  const found: string[] = [];
  const visit = (group: string): void => {
    // kernfs counts the directories in a directory: 2 links mean that there is none, and save a listing of 40 files.
    if (hasSubfolders(group)) { for (const name of subfolders(group)) visit(`${group}/${name}`); }
    found.push(group);
  };
  visit(folder);
  return found;
}

function hasSubfolders(folder: string): boolean {
  try {
    return Deno.lstatSync(folder).nlink !== 2;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function subfolders(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].filter((entry) => entry.isDirectory).map((entry) => entry.name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** The host pids of all processes in `folder` and below. */
export function processesBelow(folder: string): number[] {
  return groupsBelow(folder).flatMap((group) =>
    readTextOrNothing(`${group}/cgroup.procs`).split("\n").filter(Boolean).map(Number)
  );
}

/**
 * Removes a group and those below it; gone already is fine.
 * @throws {SyscallError} EBUSY while it has processes, or the kernel has not let go of the last one
 */
export function removeTree(folder: string): void {
  try {
    removeGroup(folder);
  } catch (error) {
    if (!isErrno(error, "EBUSY")) throw error;
    for (const group of groupsBelow(folder)) removeGroup(group);
  }
}

function removeGroup(folder: string): void {
  try {
    unlink(CWD, folder, { directory: true });
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}

/** Removes `root + path` and the groups above it as far as they are empty. */
export function removeEmptyGroups(root: string, path: string): void {
  for (let at = path; at !== ""; at = parentOf(at)) {
    try {
      removeGroup(root + at);
    } catch {
      return; // in use, or not ours to remove: it stays
    }
  }
}
