import type { FileChange } from "../../base/docker/container.ts";
import { changes } from "../../fs/changes.ts";
import type { Parts } from "../parts.ts";
import type { Container } from "./container.ts";

/** What the container's writable layer has beyond its image. */
export function changesOf(parts: Parts, container: Container): FileChange[] {
  return changes(`${container.folders.home}/upper`, layersOf(parts, container));
}

/** The folders of its image, topmost first; below those of the image `host` comes the host's own root. */
export function layersOf({ settings, images }: Parts, { record }: Container): string[] {
  const image = images.resolve(record.imageId);
  const lowers = (image?.layers ?? []).map((name) => `${settings.root}/layers/${name}`);
  return image?.host ? [...lowers, "/"] : lowers;
}
