import { notFound } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import type { UnionFolder } from "../../fs/union_folder.ts";
import { beginFill, dropFill, endFill, fillDirectly, isEmptyVolume, volumeData } from "../../fs/volumes.ts";
import type { StoredImage } from "../../image/store.ts";
import type { Parts } from "../parts.ts";
import type { Volume } from "./volume.ts";
import { withDriverMount } from "./driver_mount.ts";

/**
 * Copies a folder of an image into a volume, unless there is something in it.
 * @throws `not_found` when the image has been removed meanwhile: what was copied may lack something
 */
export function fillVolume(parts: Parts, volume: Volume, source: UnionFolder, image: StoredImage): Promise<void> {
  return volume.serial.run(async () => {
    // What would be copied into a tmpfs is gone when nobody has it mounted.
    if (volume.record.options["type"] === "tmpfs") return;
    await fill(parts, volume, async (folder) => {
      await fillDirectly(source, folder);
      if (parts.images.resolve(image.id) === undefined) throw notFound(`No such image: ${image.id}`);
    });
  });
}

/**
 * Writes into a volume if it is empty, and says whether it was; only under the volume's serial. A volume that others may
 * have gets all of it or nothing, whatever happens in between: `_fill` is complete, then the record says so, then its
 * files are moved. What is mounted of elsewhere is written to as it is.
 */
export async function fill(
  parts: Parts,
  volume: Volume,
  write: (folder: string) => Promise<void>,
): Promise<boolean> {
  const { settings: { root }, volumes } = parts;
  const directly = async (folder: string) => {
    if (!isEmptyVolume(folder)) return false;
    await write(folder);
    failpoint("volume.fill.copied");
    return true;
  };
  if (!volume.plain) return await withDriverMount(parts, volume, directly);
  const { name } = volume;
  const data = volumeData(root, name);
  if (!volume.stored) return await directly(data);
  finishFill(parts, volume); // of a call that has failed
  if (!isEmptyVolume(data)) return false;
  try {
    await write(beginFill(root, name));
    failpoint("volume.fill.copied");
    if (!isEmptyVolume(data)) { // a container that runs was faster
      dropFill(root, name);
      return false;
    }
    volumes.change(volume, { ...volume.record, filling: true });
    failpoint("volume.fill.row");
  } catch (error) {
    // What has failed must not be taken for whole by the next engine.
    if (volume.record.filling !== true) dropFill(root, name);
    throw error;
  }
  finishFill(parts, volume);
  return true;
}

/** Moves in what is there to be moved; what an engine was killed at is done by the next one. */
export function finishFill({ settings: { root }, volumes }: Pick<Parts, "settings" | "volumes">, volume: Volume): void {
  if (volume.record.filling !== true) return;
  endFill(root, volume.name);
  failpoint("volume.fill.moved");
  const { filling: _done, ...record } = volume.record;
  volumes.change(volume, record);
}
