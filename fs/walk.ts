import { type Stat } from "../sys/attributes.ts";
import { listDirectory } from "../sys/directory.ts";
import type { Fd } from "../sys/fd.ts";
import { O, open, openInRoot } from "../sys/open.ts";
import { isErrno } from "../sys/syscall_error.ts";
import { isDirectory, statIfThere } from "./union_folder.ts";
import { isOpaque } from "./whiteout.ts";

export interface WalkedFile {
  readonly name: string;
  readonly stat: Stat;
}

export interface WalkedFolder {
  /** Below the root: empty for itself, else `a/b`. */
  readonly path: string;
  /** The folder itself, open until the next one is asked for. */
  readonly at: Fd;
  readonly opaque: boolean;
  /** Sorted by name. */
  readonly files: readonly WalkedFile[];
}

/**
 * Every directory of the tree below `root`, parents before children. No symlink is followed, no mount entered; what
 * vanishes meanwhile is left out. One descriptor is open at a time, so that no depth of directories uses them up.
 */
export function* walk(root: string): Generator<WalkedFolder> {
  using top = open(root, O.RDONLY | O.DIRECTORY);
  const device = statIfThere(top, "")?.device;
  const left = [""];
  for (let path = left.pop(); path !== undefined; path = left.pop()) {
    using opened = new DisposableStack();
    const found = lookInto(top, path, opened);
    if (found === undefined) continue;
    yield found;
    for (const { name, stat } of found.files.toReversed()) {
      if (isDirectory(stat) && stat.device === device) left.push(path === "" ? name : `${path}/${name}`);
    }
  }
}

function lookInto(top: Fd, path: string, opened: DisposableStack): WalkedFolder | undefined {
  try {
    const at = opened.use(openInRoot(top, path || ".", O.RDONLY | O.DIRECTORY | O.NOFOLLOW));
    const files = [...listDirectory(at)].sort().flatMap((name) => {
      const stat = statIfThere(at, name);
      return stat === undefined ? [] : [{ name, stat }];
    });
    return { path, at, opaque: isOpaque(at), files };
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG")) return undefined;
    throw error;
  }
}
