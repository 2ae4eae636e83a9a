import type { ImageHistoryItem, ImageInspect } from "../base/docker/image.ts";
import { ZERO_TIME } from "../base/timestamps.ts";
import { createdAt } from "./filters.ts";
import { configOf, getImage, shownNames } from "./find.ts";
import { sum } from "./list.ts";
import type { Shelf } from "./shelf.ts";

/** All that is known of an image. @throws `not_found` */
export function inspectImage(shelf: Shelf, name: string): ImageInspect {
  const { catalog, folders, host } = shelf;
  const id = getImage(shelf, name);
  const config = configOf(shelf, id);
  const layers = catalog.layersOf(id);
  const [top, ...lower] = layers.toReversed().map(({ name }) => folders.folder(name));
  const { tags, digests } = shownNames(shelf, id);
  const row = catalog.image(id);
  return {
    Id: id,
    RepoTags: tags,
    RepoDigests: digests,
    Parent: row?.parent ?? "",
    Comment: config.comment || config.history?.at(-1)?.comment || "", // a commit's is there, as Docker has it
    Created: config.created ?? ZERO_TIME,
    DockerVersion: config.docker_version ?? "",
    Author: config.author ?? "",
    Config: config.config ?? {},
    Architecture: config.architecture,
    ...config.variant !== undefined && { Variant: config.variant },
    Os: config.os,
    Size: sum(layers),
    GraphDriver: {
      Name: "overlay2",
      Data: id === host.id || top === undefined ? null : {
        UpperDir: top,
        ...lower.length > 0 && { LowerDir: lower.join(":") },
      },
    },
    RootFS: { Type: "layers", Layers: [...config.rootfs.diff_ids] },
    Metadata: { LastTagTime: row === undefined || tags.length === 0 ? ZERO_TIME : row.tagged },
  };
}

/** How an image came to be, the last step first. Only the last has an id: the others never were images here. */
export function imageHistory(shelf: Shelf, name: string): ImageHistoryItem[] {
  const id = getImage(shelf, name);
  const layers = shelf.catalog.layersOf(id);
  let layer = 0;
  const steps = (configOf(shelf, id).history ?? []).map((step): ImageHistoryItem => ({
    Id: "<missing>",
    Created: Number(createdAt(step.created) / 1_000_000_000n),
    CreatedBy: step.created_by ?? "",
    Tags: null,
    Size: step.empty_layer ? 0 : layers[layer++]?.size ?? 0,
    Comment: step.comment ?? "",
  }));
  const last = steps.pop();
  if (last === undefined) return [];
  const { tags } = shownNames(shelf, id);
  return [{ ...last, Id: id, Tags: tags.length > 0 ? tags : null }, ...steps.reverse()];
}
