import { conflict } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import { UnionFolder } from "../../fs/union_folder.ts";
import { fillDirectly, volumeData } from "../../fs/volumes.ts";
import type { Parts } from "../parts.ts";
import { ANONYMOUS_LABEL, makeVolume, unmakeVolume } from "./create.ts";
import { withDriverMount } from "./driver_mount.ts";
import type { Volume } from "./volume.ts";
import { publishVolumeEvent } from "./volume_event.ts";

/** Makes a volume with the same files and labels: a copy, as the files are when each is read. */
export async function cloneVolume(parts: Parts, volume: Volume, newName: string): Promise<Volume> {
  const { settings: { root }, volumes } = parts;
  if (newName === "") throw conflict("a clone needs a name");
  const { [ANONYMOUS_LABEL]: _made, ...labels } = volume.record.labels;
  const clone = makeVolume(parts, { name: newName, labels, options: {}, anonymous: false });
  clone.pins++;
  volume.pins++;
  try {
    const copy = async (folder: string) => {
      using source = UnionFolder.plain(folder);
      await fillDirectly(source, volumeData(root, newName));
    };
    if (volume.plain) await copy(volumeData(root, volume.name));
    else await withDriverMount(parts, volume, copy);
    failpoint("volume.clone.copied");
    volumes.store([clone]);
  } catch (error) {
    unmakeVolume(parts, clone);
    throw error;
  } finally {
    clone.pins--;
    volume.pins--;
  }
  publishVolumeEvent(parts, newName, "create");
  return clone;
}
