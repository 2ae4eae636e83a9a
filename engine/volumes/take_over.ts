import { describeError } from "../../base/errors.ts";
import { sweepFolder } from "../../fs/sweep.ts";
import { dropFill, renameVolumeFolder } from "../../fs/volumes.ts";
import type { Parts } from "../parts.ts";
import { unmountIdle } from "./driver_mount.ts";
import { finishFill } from "./fill.ts";

/** Brings to an end what an engine that died has begun, and takes away the folders of volumes that nobody knows. */
export function takeOverVolumes(parts: Parts): void {
  const { settings: { root }, volumes, log } = parts;
  for (const volume of [...volumes]) {
    try {
      const { formerName, ...record } = volume.record;
      if (formerName !== undefined) {
        renameVolumeFolder(root, formerName, volume.name);
        volumes.change(volume, record);
      }
      if (record.filling === true) finishFill(parts, volume);
      else dropFill(root, volume.name);
    } catch (error) {
      log(`volume ${volume.name}: ${describeError(error)}`);
    }
  }
  for (const [name, error] of volumes.damaged) {
    log(`the record of volume ${name} cannot be read: ${describeError(error)}`);
  }
  unmountIdle(parts);
  const known = [...volumes].flatMap(({ record }) => [record.name, record.formerName ?? record.name]);
  sweepFolder(root, "volumes", new Set([...known, ...volumes.damaged.keys()]));
}
