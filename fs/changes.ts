import type { FileChange } from "../base/docker/container.ts";
import { S, type Stat } from "../sys/attributes.ts";
import { isDirectory, UnionFolder } from "./union_folder.ts";
import { walk, type WalkedFile, type WalkedFolder } from "./walk.ts";
import { isWhiteout } from "./whiteout.ts";

const MODIFIED = 0, ADDED = 1, DELETED = 2;

/**
 * What the engine mounts something on. Where the image lacks it, an empty one is made in the container's own layer, which
 * is no change that the container made; Docker keeps these in a layer of their own.
 */
const MOUNT_POINTS: ReadonlySet<string> = new Set([
  "/dev",
  "/etc/hostname",
  "/etc/hosts",
  "/etc/resolv.conf",
  "/proc",
  "/sys",
]);

/**
 * What the layer in `upper` changes of the layers in the folders `lowers` (topmost first), as `docker diff` shows it:
 * a folder counts as modified when something in it or its owner or mode changed. Sorted by path.
 */
export function changes(upper: string, lowers: readonly string[]): FileChange[] {
  const kinds = new Map<string, FileChange["Kind"]>();
  using root = UnionFolder.of(lowers);
  for (const folder of walk(upper)) {
    using lower = descend(root, folder.path);
    compare(folder, lower?.folder, kinds);
  }
  for (const path of [...kinds.keys()]) markParents(path, kinds);
  return [...kinds].map(([Path, Kind]) => ({ Path, Kind })).sort((a, b) => a.Path < b.Path ? -1 : 1);
}

/** The folder of the lower layers at `path`, if there is one. */
function descend(root: UnionFolder, path: string): { folder: UnionFolder } & Disposable | undefined {
  let folder = root;
  const close = () => {
    if (folder !== root) folder[Symbol.dispose]();
  };
  for (const name of path.split("/").filter(Boolean)) {
    const next = folder.enter(name);
    close();
    if (next === undefined) return undefined;
    folder = next;
  }
  return { folder, [Symbol.dispose]: close };
}

function compare(upper: WalkedFolder, lower: UnionFolder | undefined, kinds: Map<string, FileChange["Kind"]>): void {
  const here = upper.path === "" ? "" : `/${upper.path}`;
  const names = new Set<string>();
  // Below a folder that is added, everything is, whatever a hidden folder of that name had.
  const old = kinds.get(here) === ADDED ? undefined : lower;
  for (const file of upper.files) {
    const path = `${here}/${file.name}`;
    names.add(file.name);
    const before = old?.look(file.name)?.stat;
    if (isWhiteout(file.stat)) {
      if (before !== undefined) kinds.set(path, DELETED);
    } else if (before === undefined) {
      if (!isMountPoint(path, file)) kinds.set(path, ADDED);
    } else if (differs(file.stat, before)) kinds.set(path, MODIFIED);
  }
  if (!upper.opaque || old === undefined) return;
  for (const name of old.names()) if (!names.has(name)) kinds.set(`${here}/${name}`, DELETED);
}

/** A copy that overlay made without a change (an open for writing) is none. */
function differs(now: Stat, before: Stat): boolean {
  if (now.mode !== before.mode || now.uid !== before.uid || now.gid !== before.gid) return true;
  if (isDirectory(now)) return false;
  const device = now.major !== before.major || now.minor !== before.minor;
  return device || now.size !== before.size || now.modified !== before.modified;
}

function isMountPoint(path: string, { stat }: WalkedFile): boolean {
  if (!MOUNT_POINTS.has(path)) return false;
  return isDirectory(stat) || ((stat.mode & S.IFMT) === S.IFREG && stat.size === 0);
}

function markParents(path: string, kinds: Map<string, FileChange["Kind"]>): void {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const parent = path.slice(0, end);
    if (kinds.has(parent)) return;
    kinds.set(parent, MODIFIED);
  }
}
