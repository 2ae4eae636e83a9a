import { failpoint } from "../../base/failpoint.ts";
import type { UnionFolder } from "../../fs/union_folder.ts";
import { beginFill, dropFill, endFill, fillDirectly, isEmptyVolume, volumeData } from "../../fs/volumes.ts";
import type { Parts } from "../parts.ts";
import type { Volume } from "./volume.ts";
import { withDriverMount } from "./driver_mount.ts";

/**
 * Copies a folder into a volume, unless there is something in it. A volume that others may have gets all of it or nothing,
 * whatever happens in between: `_fill` is complete, then the record says so, then its files are moved.
 */
export function fillVolume(parts: Parts, volume: Volume, source: UnionFolder): Promise<void> {
  const { settings: { root }, volumes } = parts;
  return volume.serial.run(async () => {
    if (!volume.plain) {
      if (volume.record.options["type"] === "tmpfs") return; // what would be copied is gone when nobody has it mounted
      return await withDriverMount(parts, volume, async (folder) => {
        if (isEmptyVolume(folder)) await fillDirectly(source, folder);
      });
    }
    finishFill(parts, volume); // of a call that has failed
    const { name } = volume;
    const data = volumeData(root, name);
    if (!isEmptyVolume(data)) return;
    if (!volume.stored) {
      await fillDirectly(source, data);
      failpoint("volume.fill.copied");
      return;
    }
    try {
      await beginFill(root, name, source);
      failpoint("volume.fill.copied");
      if (!isEmptyVolume(data)) return dropFill(root, name); // a container that runs was faster
      volumes.change(volume, { ...volume.record, filling: true });
      failpoint("volume.fill.row");
    } catch (error) {
      // What has failed must not be taken for whole by the next engine.
      if (volume.record.filling !== true) dropFill(root, name);
      throw error;
    }
    finishFill(parts, volume);
  });
}

/** Moves in what is there to be moved; what an engine was killed at is done by the next one. */
export function finishFill({ settings: { root }, volumes }: Pick<Parts, "settings" | "volumes">, volume: Volume): void {
  if (volume.record.filling !== true) return;
  endFill(root, volume.name);
  failpoint("volume.fill.moved");
  const { filling: _done, ...record } = volume.record;
  volumes.change(volume, record);
}
