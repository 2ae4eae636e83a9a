import { S, stat } from "../sys/attributes.ts";
import { listDirectory, rename, unlink } from "../sys/directory.ts";
import type { Fd } from "../sys/fd.ts";
import { O, open } from "../sys/open.ts";
import { isErrno } from "../sys/syscall_error.ts";
import { conflict } from "../base/errors.ts";

/** So deep a removal goes by itself; each level holds a descriptor. */
const MAXIMUM_DEPTH = 32;

/**
 * Removes what `name` is in `at`, with all that is below. No symlink is followed and no mount is entered. The caller
 * says how often to pause: it yields after each file.
 * @throws conflict when a file system is mounted below
 */
export function* removingTree(at: Fd, name: string): Generator<void> {
  const found = status(at, name);
  if (found === undefined) return;
  if ((found.mode & S.IFMT) !== S.IFDIR) {
    unlink(at, name);
    return;
  }
  yield* new Removal(at, found.device).directory(at, name, 0);
}

/** Removes a tree at once; for those that are small. */
export function removeTree(at: Fd, name: string): void {
  for (const _ of removingTree(at, name));
}

function status(at: Fd, name: string) {
  try {
    return stat(at, name);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

class Removal {
  readonly #top: Fd;
  readonly #device: string;
  #moved = 0;

  constructor(top: Fd, device: string) {
    this.#top = top;
    this.#device = device;
  }

  *directory(at: Fd, name: string, depth: number): Generator<void> {
    using directory = open(name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW, { at });
    if (stat(directory).device !== this.#device) throw conflict(`${name} is a mount point: it is left alone`);
    for (const child of [...listDirectory(directory)]) {
      yield;
      if (!isDirectory(directory, child)) continue;
      if (depth < MAXIMUM_DEPTH) yield* this.directory(directory, child, depth + 1);
      else yield* this.#atTop(directory, child);
    }
    unlink(at, name, { directory: true });
  }

  /** A tree may be deeper than there are descriptors: what lies too deep is moved up and removed there. */
  *#atTop(directory: Fd, name: string): Generator<void> {
    const moved = `.removed-${Deno.pid}-${this.#moved++}`;
    rename(directory, name, this.#top, moved);
    yield* this.directory(this.#top, moved, 0);
  }
}

/** Unlinks `name` unless it is a directory, and says whether it is. */
function isDirectory(at: Fd, name: string): boolean {
  try {
    unlink(at, name);
    return false;
  } catch (error) {
    if (isErrno(error, "EISDIR")) return true; // Linux; POSIX has EPERM
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}
