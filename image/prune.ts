import type { Filters } from "../base/container_engine.ts";
import type { ImageDeleteItem, ImagePruneResult } from "../base/docker/image.ts";
import { errorClass } from "../base/errors.ts";
import { booleanFilter, checkFilters, imageTest } from "./filters.ts";
import { sum } from "./list.ts";
import { removeImage } from "./remove.ts";
import type { Shelf } from "./shelf.ts";

/** Removes images that no container uses: those without a name, with `dangling=false` all. */
export function pruneImages(
  shelf: Shelf,
  filters: Filters = {},
): ImagePruneResult {
  checkFilters(filters, ["dangling", "label", "label!", "until"]);
  const { catalog } = shelf;
  const danglingOnly = booleanFilter(filters, "dangling") ?? true;
  const fits = imageTest(shelf, filters);
  const before = sum(catalog.layers());
  const deleted: ImageDeleteItem[] = [];
  for (const image of catalog.images().filter(fits)) {
    const names = catalog.names(image.id);
    if (catalog.image(image.id) === undefined || catalog.children(image.id).length > 0) continue;
    if (shelf.usedBy(image.id).length > 0 || (danglingOnly && names.length > 0)) continue;
    try {
      deleted.push(...removeImage(shelf, image.id, { force: names.length > 0 }));
    } catch (error) {
      if (errorClass(error) !== "conflict") throw error; // somebody began to use it
    }
  }
  return { ImagesDeleted: deleted, SpaceReclaimed: before - sum(catalog.layers()) };
}
