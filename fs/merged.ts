import type { Bytes } from "../base/container_engine.ts";
import { type FileKind, kindOf, S, type Stat, stat } from "../sys/attributes.ts";
import { readLink } from "../sys/directory.ts";
import type { Fd } from "../sys/fd.ts";
import { readWhole } from "../sys/file.ts";
import { O, open } from "../sys/open.ts";
import { isDirectory, UnionFolder } from "./union_folder.ts";

/** As many symlinks as the kernel follows in one path (path_resolution(7)). */
const MAXIMUM_SYMLINKS = 40;
/** More than this is never read, whatever the caller asks (CVE-2026-47262). */
const MAXIMUM_READ = 1 << 20;

/** A look into the root that a container would have, while nothing is mounted. What is in there is hostile. */
export class Merged {
  readonly #folders: readonly string[];

  /** `lowers`, topmost first, are names in `layersFolder` or absolute paths (the host's own `/`). */
  constructor(layersFolder: string, lowers: readonly string[], upper?: string) {
    const paths = lowers.map((lower) => lower.startsWith("/") ? lower : `${layersFolder}/${lower}`);
    this.#folders = upper === undefined ? paths : [upper, ...paths];
  }

  /**
   * At most `limit` bytes of the regular file at `path`, symlinks followed inside the root; undefined when it is
   * missing or anything but a regular file. Never waits: neither a FIFO nor a device is opened (CVE-2024-9676).
   */
  readFileInRoot(path: string, limit = MAXIMUM_READ): Bytes | undefined {
    return this.#at(path, ({ at, name, stat: found }) => {
      if ((found.mode & S.IFMT) !== S.IFREG || at === undefined) return undefined;
      using place = open(name, O.PATH | O.NOFOLLOW, { at });
      if ((stat(place).mode & S.IFMT) !== S.IFREG) return undefined;
      using file = open(`/proc/self/fd/${place.number}`, O.RDONLY | O.NONBLOCK | O.NOCTTY);
      return readWhole(file, Math.min(limit, MAXIMUM_READ, stat(file).size));
    });
  }

  /** What is at `path`, symlinks followed; undefined when nothing is. */
  lookup(path: string): FileKind | undefined {
    return this.#at(path, ({ stat: found }) => kindOf(found));
  }

  /** The directory at `path`, symlinks followed, for the caller to close; undefined when there is none. */
  folder(path: string): UnionFolder | undefined {
    using opened = new DisposableStack();
    const place = this.#resolve(path, opened);
    if (place?.folder === undefined) return undefined;
    return place.folder.again();
  }

  #at<T>(path: string, use: (found: Place) => T | undefined): T | undefined {
    using opened = new DisposableStack();
    const place = this.#resolve(path, opened);
    return place === undefined ? undefined : use(place);
  }

  #resolve(path: string, opened: DisposableStack): Place | undefined {
    const folders = [opened.use(UnionFolder.of(this.#folders))];
    const left = components(path);
    let links = 0;
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      if (name === "..") {
        if (folders.length > 1) folders.pop();
        continue;
      }
      const found = folders.at(-1)?.look(name);
      if (found === undefined) return undefined;
      if ((found.stat.mode & S.IFMT) === S.IFLNK) {
        if (++links > MAXIMUM_SYMLINKS) return undefined;
        const target = readLink(found.at, name);
        if (target.startsWith("/")) folders.length = 1;
        left.push(...components(target));
        continue;
      }
      if (!isDirectory(found.stat)) return left.length === 0 ? { ...found, name } : undefined;
      const entered = folders.at(-1)?.enter(name);
      if (entered === undefined) return undefined;
      folders.push(opened.use(entered));
    }
    return { stat: DIRECTORY, at: undefined, name: "", folder: folders.at(-1) };
  }
}

/** A file and the directory that has it, or some directory. */
interface Place {
  readonly stat: Pick<Stat, "mode">;
  readonly at: Fd | undefined;
  readonly name: string;
  /** The directory itself, where it is one. */
  readonly folder?: UnionFolder | undefined;
}

const DIRECTORY = { mode: S.IFDIR };

/** The names of a path, the first one last. */
function components(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".").reverse();
}
