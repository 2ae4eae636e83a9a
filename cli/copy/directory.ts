import { conflict, invalid } from "../../base/errors.ts";
import { attempt } from "./file_error.ts";
import { cleanPath } from "./path.ts";

/** The descriptors of the directories that are open. */
const held = new Set<number>();
/** Where the last search has ended: the kernel gives the lowest number that is free, which mostly is the same again. */
let recent = "3";

/**
 * A directory that is open. Names in it are reached by its descriptor (`/proc/self/fd/7/name`), so they are in that very
 * directory whatever becomes of the path that led there. A container may have the folder that is copied from or to: it
 * could put a symlink in the place of any directory at any moment (CVE-2018-15664), and Deno knows no openat(2).
 */
export class Directory implements Disposable {
  /** The path by which the user knows it. */
  readonly path: string;
  readonly file: Deno.FsFile;
  readonly #number: number;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.file = file;
    this.#number = numberOf(file, path);
    held.add(this.#number);
  }

  /** The one at a path of the user's; symlinks are followed. */
  static open(path: string): Directory {
    // With the dot nothing but a directory is opened, and no FIFO waited for.
    return new Directory(cleanPath(path), attempt("open", path, () => Deno.openSync(`${path}/.`)));
  }

  /** The directory of that name in it. @throws `invalid` when it is none, or a symlink to one */
  child(name: string): Directory {
    const path = this.shown(name);
    const there = attempt("lstat", path, () => Deno.lstatSync(this.at(name)));
    if (there.isSymlink) throw invalid(`${path} is a symbolic link where a directory is expected`);
    const file = attempt("open", path, () => Deno.openSync(`${this.at(name)}/.`));
    try {
      if (!isSame(there, file.statSync())) throw conflict(`${path} has changed while it was copied`);
      return new Directory(path, file);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** The path to a name in it. */
  at(name: string): string {
    return `/proc/self/fd/${this.#number}/${name}`;
  }

  /** The same as the user knows it. */
  shown(name: string): string {
    return this.path.endsWith("/") ? `${this.path}${name}` : `${this.path}/${name}`;
  }

  [Symbol.dispose](): void {
    held.delete(this.#number);
    this.file.close();
  }
}

/** A path to a file that is open, by which Deno changes what it can change by path only. */
export function pathOfOpen(file: Deno.FsFile, shown: string): string {
  return `/proc/self/fd/${numberOf(file, shown)}`;
}

/** Whether both are the same file. */
export function isSame(one: Deno.FileInfo, other: Deno.FileInfo): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}

/** The descriptor of an open file, which Deno does not tell: the one that leads to the same file. */
function numberOf(file: Deno.FsFile, shown: string): number {
  const wanted = file.statSync();
  const leadsThere = (name: string) => {
    // One that another directory has may be closed before this one, and then lead elsewhere.
    if (held.has(Number(name))) return false;
    try {
      return isSame(wanted, Deno.statSync(`/proc/self/fd/${name}`));
    } catch {
      return false; // closed by now, like that of the listing itself
    }
  };
  if (leadsThere(recent)) return Number(recent);
  for (const { name } of attempt("open", "/proc/self/fd", () => [...Deno.readDirSync("/proc/self/fd")])) {
    if (!leadsThere(name)) continue;
    recent = name;
    return Number(name);
  }
  throw invalid(`${shown} cannot be copied safely: /proc/self/fd does not show it`);
}
