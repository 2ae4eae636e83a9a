import { internal, unavailable } from "../base/errors.ts";
import { S, type Stat, stat } from "../sys/attributes.ts";
import { listDirectory } from "../sys/directory.ts";
import { CWD, type Fd } from "../sys/fd.ts";
import { O, open } from "../sys/open.ts";
import { isErrno } from "../sys/syscall_error.ts";
import { isOpaque, isWhiteout } from "./whiteout.ts";

export function isDirectory({ mode }: Stat): boolean {
  return (mode & S.IFMT) === S.IFDIR;
}

/** The attributes of `name`, or undefined where it cannot be. */
export function statIfThere(at: Fd, name: string): Stat | undefined {
  try {
    return stat(at, name);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP")) return undefined;
    throw error;
  }
}

/**
 * A directory as overlay would show it, without a mount: the directories of the layers that have it, topmost first.
 * Names are single ones; symlinks are not followed.
 */
export class UnionFolder implements Disposable {
  readonly #parts: readonly Fd[];
  /** Of a plain directory: the mount that its root is seen through. What only layers have means nothing in there. */
  readonly #plain: bigint | undefined;

  private constructor(parts: readonly Fd[], plain?: bigint) {
    this.#parts = parts;
    this.#plain = plain;
  }

  /** The root of the layers in these folders of the host, topmost first. */
  static of(folders: readonly string[]): UnionFolder {
    using opened = new DisposableStack();
    const parts = folders.map((folder) => opened.use(openLayer(folder)));
    opened.move();
    return new UnionFolder(parts);
  }

  /** A directory that is no layer: whiteouts in it are files like others, and what is mounted below it is there. */
  static plain(folder: Fd | string): UnionFolder {
    const path = typeof folder === "string" ? { name: folder, at: CWD } : { name: ".", at: folder };
    const part = open(path.name, O.RDONLY | O.DIRECTORY, { at: path.at });
    return new UnionFolder([part], stat(part).mount);
  }

  /** Whether this is, below a plain directory, what another file system or another part of one has there. */
  get isMounted(): boolean {
    return this.#plain !== undefined && stat(this.top).mount !== this.#plain;
  }

  [Symbol.dispose](): void {
    for (const part of this.#parts) part.close();
  }

  /** The directory of the topmost layer that has it: its owner, mode and attributes are those that are shown. */
  get top(): Fd {
    const [top] = this.#parts;
    if (top === undefined) throw internal("a folder of no layer");
    return top;
  }

  /** What `name` is, and the directory of the layer that has it; undefined when there is none, or it is hidden. */
  look(name: string): { readonly stat: Stat; readonly at: Fd } | undefined {
    for (const at of this.#parts) {
      const found = statIfThere(at, name);
      if (found === undefined) continue;
      return this.#hides(found) ? undefined : { stat: found, at };
    }
    return undefined;
  }

  /** The directory `name`; undefined when it is none. */
  enter(name: string): UnionFolder | undefined {
    using opened = new DisposableStack();
    const parts: Fd[] = [];
    for (const at of this.#parts) {
      const found = statIfThere(at, name);
      if (found === undefined) continue;
      if (!isDirectory(found)) break; // a whiteout, or a file: it hides what is below
      // Overlay sees one file system: what is mounted there is not part of a layer (the host's own root has such).
      if (this.#plain === undefined && found.device !== stat(at).device) continue;
      const part = openIfThere(at, name);
      if (part === undefined) break; // it was one when we looked
      parts.push(opened.use(part));
      if (this.#plain === undefined && isOpaque(part)) break;
    }
    if (parts.length === 0) return undefined;
    opened.move();
    return new UnionFolder(parts, this.#plain);
  }

  /** The same directory, opened anew. */
  again(): UnionFolder {
    using opened = new DisposableStack();
    const parts = this.#parts.map((at) => opened.use(open(".", O.RDONLY | O.DIRECTORY, { at })));
    opened.move();
    return new UnionFolder(parts, this.#plain);
  }

  #hides(found: Stat): boolean {
    return this.#plain === undefined && isWhiteout(found);
  }

  /** The names that are not hidden, in no order. Once per object: it moves the position of the directories. */
  names(): Set<string> {
    const [seen, shown] = [new Set<string>(), new Set<string>()];
    for (const at of this.#parts) {
      for (const name of [...listDirectory(at)].filter((name) => !seen.has(name))) {
        seen.add(name);
        const found = statIfThere(at, name);
        if (found !== undefined && !this.#hides(found)) shown.add(name);
      }
    }
    return shown;
  }
}

/** The directory at `path` below, through directories only; undefined where there is none, or none any more. */
export function enterAll(root: UnionFolder, path: string): UnionFolder | undefined {
  let folder = root.again();
  for (const name of path === "" ? [] : path.split("/")) {
    using above = folder;
    const next = above.enter(name);
    if (next === undefined) return undefined;
    folder = next;
  }
  return folder;
}

function openLayer(folder: string): Fd {
  try {
    return open(folder, O.RDONLY | O.DIRECTORY);
  } catch (cause) {
    if (!isErrno(cause, "ENOENT")) throw cause;
    throw unavailable(`${folder} is missing: 'sauropod system check' tells what is lost with it`);
  }
}

function openIfThere(at: Fd, name: string): Fd | undefined {
  try {
    return open(name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW, { at });
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP")) return undefined;
    throw error;
  }
}
