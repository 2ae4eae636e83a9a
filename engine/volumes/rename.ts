import { failpoint } from "../../base/failpoint.ts";
import { conflict } from "../../base/errors.ts";
import { renameVolumeFolder } from "../../fs/volumes.ts";
import type { Parts } from "../parts.ts";
import { unmountIdle } from "./driver_mount.ts";
import { checkVolumeName } from "./name.ts";
import { checkUnused } from "./remove.ts";
import type { Volume } from "./volume.ts";
import { publishVolumeEvent } from "./volume_event.ts";

/** Gives a volume that no container has another name: the row first, which knows the old one until the folder follows. */
export function renameVolume(parts: Parts, volume: Volume, newName: string): Promise<void> {
  return volume.serial.run(() => {
    const { volumes, settings } = parts;
    checkVolumeName(newName);
    checkUnused(parts, volume, "rename");
    if (volumes.find(newName) !== undefined) throw conflict(`a volume named ${newName} already exists`);
    if (!volume.plain) unmountIdle(parts);
    const before = volume.record, formerName = before.name;
    const record = { ...before, name: newName, anonymous: false };
    volumes.change(volume, { ...record, formerName });
    try {
      failpoint("volume.rename.row");
      renameVolumeFolder(settings.root, formerName, newName);
      failpoint("volume.rename.folder");
    } catch (error) {
      renameVolumeFolder(settings.root, newName, formerName);
      volumes.change(volume, before);
      throw error;
    }
    volumes.change(volume, record);
    publishVolumeEvent(parts, newName, "rename", { oldName: formerName });
  });
}
