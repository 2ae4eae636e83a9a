import type { FileChange } from "../base/docker/container.ts";
import { differs, type LayerFolder, walkLayer } from "./walk_layer.ts";
import { isWhiteout } from "./whiteout.ts";

const MODIFIED = 0, ADDED = 1, DELETED = 2;

/**
 * What the layer in `upper` changes of the layers in the folders `lowers` (topmost first), as `docker diff` shows it:
 * a folder counts as modified when something in it or its owner or mode changed. Sorted by path.
 */
export function changes(upper: string, lowers: readonly string[]): FileChange[] {
  const kinds = new Map<string, FileChange["Kind"]>();
  for (const folder of walkLayer(upper, lowers)) compare(folder, kinds);
  for (const path of [...kinds.keys()]) markParents(path, kinds);
  return [...kinds].map(([Path, Kind]) => ({ Path, Kind })).sort((a, b) => a.Path < b.Path ? -1 : 1);
}

function compare({ path, opaque, files, lower }: LayerFolder, kinds: Map<string, FileChange["Kind"]>): void {
  const here = path === "" ? "" : `/${path}`;
  for (const { name, stat, before } of files) {
    if (isWhiteout(stat)) {
      if (before !== undefined) kinds.set(`${here}/${name}`, DELETED);
    } else if (before === undefined) kinds.set(`${here}/${name}`, ADDED);
    else if (differs(stat, before)) kinds.set(`${here}/${name}`, MODIFIED);
  }
  if (!opaque || lower === undefined) return;
  const names = new Set(files.map(({ name }) => name));
  for (const name of lower.names()) if (!names.has(name)) kinds.set(`${here}/${name}`, DELETED);
}

function markParents(path: string, kinds: Map<string, FileChange["Kind"]>): void {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const parent = path.slice(0, end);
    if (kinds.has(parent)) return;
    kinds.set(parent, MODIFIED);
  }
}
