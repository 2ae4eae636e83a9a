import { unavailable } from "../../base/errors.ts";
import { volumeData } from "../../fs/volumes.ts";
import type { Fd } from "../../sys/fd.ts";
import { O, open } from "../../sys/open.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import type { Parts } from "../parts.ts";
import { mountVolume, unmountIdle } from "../volumes/driver_mount.ts";
import type { Volume } from "../volumes/volume.ts";
import type { Place } from "./placed_files.ts";

/** The files of a volume, which is mounted meanwhile if it has to be. */
export function volumePlace(parts: Parts, volume: Volume): Place {
  return {
    shown: `volume ${volume.name}`,
    async open() {
      using undo = new DisposableStack();
      volume.pins++;
      undo.defer(() => {
        volume.pins--;
        if (!volume.plain) unmountIdle(parts);
      });
      await mountVolume(parts, volume);
      const root = undo.use(openData(volumeData(parts.settings.root, volume.name), volume.name));
      const held = undo.move();
      return { root, live: false, [Symbol.dispose]: () => held.dispose() };
    },
    owner: () => undefined,
  };
}

function openData(folder: string, name: string): Fd {
  try {
    return open(folder, O.PATH | O.DIRECTORY);
  } catch (error) {
    throw isErrno(error, "ENOENT") ? unavailable(`the volume ${name} has lost its folder`) : error;
  }
}
