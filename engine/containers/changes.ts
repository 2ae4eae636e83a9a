import type { FileChange } from "../../base/docker/container.ts";
import { changes } from "../../fs/changes.ts";
import type { Parts } from "../parts.ts";
import type { Container } from "./container.ts";

/** What the container's writable layer has beyond its image. */
export function changesOf({ settings, images }: Parts, { record, folders }: Container): FileChange[] {
  const image = images.resolve(record.imageId);
  const lowers = (image?.layers ?? []).map((name) => `${settings.root}/layers/${name}`);
  return changes(`${folders.home}/upper`, image?.host ? [...lowers, "/"] : lowers);
}
