import type { Filters, PruneOptions } from "../base/container_engine.ts";
import type { ImagePruneResult } from "../base/docker/image.ts";
import { errorClass } from "../base/errors.ts";
import { booleanFilter, checkFilters, imageTest } from "./filters.ts";
import { shownNames } from "./find.ts";
import { sum } from "./list.ts";
import { type Removal, type RemovalShelf, removeRows } from "./remove.ts";
import type { Shelf } from "./shelf.ts";

/**
 * Removes images that no container uses: those without a tag, with `dangling=false` all. A dry run does the same to the
 * database, and takes it back: so it tells exactly what would go.
 */
export function pruneImages(
  shelf: Shelf,
  filters: Filters = {},
  { dryRun = false, without = [] }: PruneOptions = {},
): ImagePruneResult {
  checkFilters(filters, ["dangling", "label", "label!", "until"]);
  if (dryRun) {
    const gone = new Set(without);
    const { result } = shelf.catalog.rehearsal(() => pruneRows(shelf, filters, gone));
    return result;
  }
  const { result, removals } = pruneRows(shelf, filters, new Set());
  shelf.collect();
  for (const [action, image] of removals.flatMap(({ events }) => events)) shelf.emit(action, image, image);
  return result;
}

function pruneRows(
  shelf: Shelf,
  filters: Filters,
  without: ReadonlySet<string>,
): { result: ImagePruneResult; removals: Removal[] } {
  const { catalog, host } = shelf;
  const usedBy: Shelf["usedBy"] = (id) => shelf.usedBy(id).filter((user) => !without.has(user.id));
  const fits = imageTest(shelf, filters);
  const danglingOnly = booleanFilter(filters, "dangling") ?? true;
  const unused = shelf.unused();
  const seen = new Set(unused.map(({ diffId }) => diffId));
  const result: ImagePruneResult = { ImagesDeleted: [], SpaceReclaimed: sum(unused) };
  const removals: Removal[] = [];
  // The youngest first: what an image was built on is free when the image is gone.
  for (const image of catalog.images().filter(fits).reverse()) {
    if (catalog.image(image.id) === undefined || catalog.children(image.id).length > 0) continue;
    if (usedBy(image.id).length > 0 || (danglingOnly && shownNames(shelf, image.id).tags.length > 0)) continue;
    const removal = removedUnlessUsed({ catalog, host, usedBy }, image.id);
    if (removal === undefined) continue;
    removals.push(removal);
    const layers = shelf.unused().filter(({ diffId }) => !seen.has(diffId));
    for (const { diffId } of layers) seen.add(diffId);
    result.ImagesDeleted.push(...removal.told(layers));
    result.SpaceReclaimed += sum(layers);
  }
  return { result, removals };
}

/** Whoever uses it by something else than a container keeps it. */
function removedUnlessUsed(shelf: RemovalShelf, id: string): Removal | undefined {
  try {
    return removeRows(shelf, id, { force: shelf.catalog.names(id).length > 0 });
  } catch (error) {
    if (errorClass(error) !== "conflict") throw error;
    return undefined;
  }
}
