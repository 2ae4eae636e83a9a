import { S, type Stat, stat } from "../sys/attributes.ts";
import { enterAll, isDirectory, UnionFolder } from "./union_folder.ts";
import { walk, type WalkedFile, type WalkedFolder } from "./walk.ts";

/**
 * What the engine mounts something on. Where the image lacks it, an empty one is made in the container's own layer, which
 * is no change that the container made; Docker keeps these in a layer of their own.
 */
const MOUNT_POINTS: ReadonlySet<string> = new Set([
  "dev",
  "etc/hostname",
  "etc/hosts",
  "etc/resolv.conf",
  "proc",
  "sys",
]);

/** A file of a layer, beside what the layers below show at its path: undefined where that is nothing. */
export interface LayerFile extends WalkedFile {
  readonly before: Stat | undefined;
}

/** A folder of a layer, beside that of the layers below. */
export interface LayerFolder extends WalkedFolder {
  /** Without the mount points that the engine has made. */
  readonly files: readonly LayerFile[];
  /** The folder that the layers below show at its path, open as `at` is. */
  readonly lower: UnionFolder | undefined;
  /** The engine has made it as a mount point, or it is in the layer for nothing but such in it. */
  readonly untouched: boolean;
}

/** Every folder of the layer in `upper`, parents before children, held against the layers `lowers` (topmost first). */
export function* walkLayer(upper: string, lowers: readonly string[]): Generator<LayerFolder> {
  using root = UnionFolder.of(lowers);
  const made = new Set<string>();
  for (const folder of walk(upper)) {
    using lower = enterAll(root, folder.path);
    const all = folder.files.map((file) => ({ ...file, before: lower?.look(file.name)?.stat }));
    const files = all.filter((file) => {
      const path = folder.path === "" ? file.name : `${folder.path}/${file.name}`;
      if (!isMountPoint(path, file)) return true;
      made.add(path);
      return false;
    });
    const isTheirs = made.has(folder.path) || (files.length < all.length && isCopy(folder, lower));
    yield { ...folder, files, lower, untouched: files.length === 0 && isTheirs };
  }
}

function isCopy({ path, at, opaque }: WalkedFolder, lower: UnionFolder | undefined): boolean {
  return path !== "" && lower !== undefined && !opaque && !differs(stat(at), stat(lower.top));
}

/** Whether a file is another one than before. A copy that overlay made without a change (an open for writing) is not. */
export function differs(now: Stat, before: Stat): boolean {
  if (now.mode !== before.mode || now.uid !== before.uid || now.gid !== before.gid) return true;
  if (isDirectory(now)) return false;
  const device = now.major !== before.major || now.minor !== before.minor;
  return device || now.size !== before.size || now.modified !== before.modified;
}

function isMountPoint(path: string, { stat, before }: LayerFile): boolean {
  if (before !== undefined || !MOUNT_POINTS.has(path)) return false;
  return isDirectory(stat) || ((stat.mode & S.IFMT) === S.IFREG && stat.size === 0);
}
