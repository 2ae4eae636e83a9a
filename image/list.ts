import type { ImageListOptions } from "../base/container_engine.ts";
import type { ImageSummary } from "../base/docker/image.ts";
import { booleanFilter, checkFilters, createdAt, imageTest, nameTest } from "./filters.ts";
import type { LayerRow } from "./catalog.ts";
import { shownNames } from "./find.ts";
import type { ImageConfig } from "./image_config.ts";
import type { Shelf } from "./shelf.ts";

const FILTERS = ["dangling", "label", "label!", "before", "since", "until", "reference"];
/** What Docker shows for a number that was not asked for. */
const NOT_COUNTED = -1;

/** The images, the newest first; those that only others are built on with `all` alone. */
export function listImages(
  shelf: Shelf,
  { all = false, filters = {}, sharedSize = false, layers: withLayers = false }: ImageListOptions = {},
): ImageSummary[] {
  checkFilters(filters, FILTERS);
  const { catalog, host } = shelf;
  const dangling = booleanFilter(filters, "dangling");
  const [fits, nameFits] = [imageTest(shelf, filters), nameTest(filters["reference"] ?? [])];
  const uses = sharedSize ? catalog.layerUses() : undefined;
  const found: { created: bigint; summary: ImageSummary }[] = [];
  const images: { id: string; config: ImageConfig; parent: string | undefined }[] = catalog.images();
  for (const { id, config, parent } of [{ ...host, parent: undefined }, ...images]) {
    if (!fits({ config })) continue;
    const { tags, digests } = shownNames(shelf, id);
    const nameless = tags.length === 0 && digests.length === 0;
    if (nameless && (dangling === false || (!all && catalog.children(id).length > 0))) continue;
    if (dangling === true && tags.length > 0) continue;
    const shown = tags.filter(nameFits);
    if (filters["reference"]?.length && shown.length === 0 && !digests.some(nameFits)) continue;
    const layers = catalog.layersOf(id);
    const shared = layers.filter(({ diffId }) => (uses?.get(diffId) ?? 0) > 1);
    const created = createdAt(config.created);
    const summary: ImageSummary = {
      Id: id,
      ParentId: parent ?? "",
      RepoTags: shown,
      RepoDigests: filters["reference"]?.length ? digests.filter(nameFits) : digests,
      Created: Number(created / 1_000_000_000n),
      Size: sum(layers),
      SharedSize: sharedSize ? sum(shared) : NOT_COUNTED,
      Containers: sharedSize ? shelf.usedBy(id).length : NOT_COUNTED,
      Labels: config.config?.Labels ?? null,
      ...withLayers && { Layers: layers.map(({ diffId, size }) => ({ DiffId: diffId, Size: size })) },
    };
    found.push({ created, summary });
  }
  return found.sort((a, b) => a.created < b.created ? 1 : a.created > b.created ? -1 : 0).map(({ summary }) => summary);
}

/** What some layers take on the disk: an image may have one several times, and it is there once. */
export function sum(layers: readonly Pick<LayerRow, "diffId" | "size">[]): number {
  return [...new Map(layers.map(({ diffId, size }) => [diffId, size])).values()].reduce((all, size) => all + size, 0);
}
