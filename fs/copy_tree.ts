/**
 * Copies a directory with all that is below: owners, modes, times, extended attributes, devices, symlinks, and files of
 * several names as one file. What is copied may be hostile: no symlink is followed, and nothing is opened that could make
 * us wait. Where it is copied to must be nobody else's.
 */
import {
  getXattr,
  listXattrs,
  S,
  setMode,
  setModeAt,
  setOwner,
  setTime,
  setTimeAt,
  setXattr,
  type Stat,
  stat,
} from "../sys/attributes.ts";
import { copyRange } from "../sys/copy_range.ts";
import { deviceNumber, makeDirectory, makeHardLink, makeNode, makeSymlink, readLink } from "../sys/directory.ts";
import { conflict } from "../base/errors.ts";
import type { Fd } from "../sys/fd.ts";
import { read, writeAll } from "../sys/file.ts";
import { O, open, openInRoot } from "../sys/open.ts";
import { isErrno } from "../sys/syscall_error.ts";
import { findFile } from "./regular_file.ts";
import { enterAll, isDirectory, type UnionFolder } from "./union_folder.ts";

/** Bytes that one call copies: so long does it keep the others waiting. */
const PIECE = 8 << 20;
/** Files and bytes per turn of the event loop. */
const FILES_PER_TURN = 50;
const BYTES_PER_TURN = 32 << 20;

/** Copies what is in `source` into the empty directory `target`, and gives that the attributes of `source`. */
export async function copyTree(source: UnionFolder, target: Fd): Promise<void> {
  await new TreeCopy(source, target).run();
}

/** Gives `target` the owner, mode, attributes and times of an open directory. */
export function copyFolderAttributes(source: Fd, target: Fd): void {
  const found = stat(source);
  setOwner(target, "", found.uid, found.gid);
  setMode(target, found.mode & 0o7777);
  copyXattrs(source, ".", target, ".");
  setTime(target, found.modified);
}

class TreeCopy {
  readonly #source: UnionFolder;
  readonly #target: Fd;
  /** Folders that are made and not filled yet, by path below the root. */
  readonly #left: string[] = [""];
  /** All of them in the order in which they were made: attributes come last, or a default ACL would be inherited. */
  readonly #made: string[] = [];
  /** Files of several names, by device and inode: where the first of the names is in the copy. */
  readonly #linked = new Map<string, string>();
  #files = 0;
  #bytes = 0;

  constructor(source: UnionFolder, target: Fd) {
    this.#source = source;
    this.#target = target;
  }

  async run(): Promise<void> {
    for (let path = this.#left.pop(); path !== undefined; path = this.#left.pop()) {
      this.#made.push(path);
      using folder = entered(this.#source, path);
      if (folder.isMounted) continue;
      using into = this.#open(path);
      for (const name of folder.names()) {
        const found = folder.look(name);
        if (found !== undefined) await this.#copy(found, name, { into, path: path === "" ? name : `${path}/${name}` });
      }
    }
    for (const path of this.#made.toReversed()) {
      using folder = entered(this.#source, path);
      using into = this.#open(path);
      copyFolderAttributes(folder.top, into);
      if (++this.#files % FILES_PER_TURN === 0) await nextTurn();
    }
  }

  #open(path: string): Fd {
    return openInRoot(this.#target, path || ".", O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  }

  async #copy(
    { stat: found, at }: { stat: Stat; at: Fd },
    name: string,
    { into, path }: { into: Fd; path: string },
  ): Promise<void> {
    if (++this.#files % FILES_PER_TURN === 0) await nextTurn();
    if (isDirectory(found)) {
      makeDirectory(into, name, 0o700);
      this.#left.push(path);
      return;
    }
    const key = `${found.device} ${found.inode}`;
    const first = found.links > 1 ? this.#linked.get(key) : undefined;
    if (first !== undefined) {
      makeHardLink(this.#target, first, into, name);
      return;
    }
    if (found.links > 1) this.#linked.set(key, path);
    const type = found.mode & S.IFMT;
    if (type === S.IFREG) {
      if (!await this.#file(at, name, into)) return;
    } else if (type === S.IFLNK) makeSymlink(readLink(at, name), into, name);
    else makeNode(into, name, found.mode, deviceNumber(found.major, found.minor));
    setOwner(into, name, found.uid, found.gid);
    if (type !== S.IFLNK) setModeAt(into, name, found.mode & 0o7777);
    copyXattrs(at, name, into, name);
    setTimeAt(into, name, found.modified);
  }

  /** Whether it is still there, and a file. */
  async #file(at: Fd, name: string, into: Fd): Promise<boolean> {
    using found = findFile(at, name);
    if (found === undefined || (found.stat.mode & S.IFMT) !== S.IFREG) return false;
    using from = found.open();
    using to = open(name, O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW, { at: into, mode: 0o600 });
    for (let n = copyPiece(from, to); n > 0; n = copyPiece(from, to)) {
      this.#bytes += n;
      if (this.#bytes < BYTES_PER_TURN) continue;
      this.#bytes = 0;
      await nextTurn();
    }
    return true;
  }
}

function entered(root: UnionFolder, path: string): UnionFolder {
  const folder = enterAll(root, path);
  if (folder === undefined) throw conflict(`${path} has been removed while it was copied`);
  return folder;
}

/** Not every pair of file systems copies by itself (EXDEV before Linux 5.19, EINVAL and EOPNOTSUPP for some). */
function copyPiece(from: Fd, to: Fd): number {
  try {
    return copyRange(from, to, PIECE);
  } catch (error) {
    if (!isErrno(error, "EXDEV", "EINVAL", "EOPNOTSUPP", "ENOSYS", "EPERM")) throw error;
  }
  const piece = new Uint8Array(1 << 20);
  const n = read(from, piece);
  writeAll(to, piece.subarray(0, n));
  return n;
}

/** Those of overlay say what a layer hides, and labels of security modules belong where they are. */
const NOT_COPIED = /^((trusted|user)\.overlay\.|security\.(selinux|apparmor|ima|evm|SMACK64))/;

function copyXattrs(from: Fd, name: string, to: Fd, newName: string): void {
  for (const key of listXattrs(from, name)) {
    if (NOT_COPIED.test(key)) continue;
    const value = getXattr(from, name, key);
    if (value !== undefined) setXattr(to, newName, key, value);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
