import { volumeData } from "../../fs/volumes.ts";
import { O, open } from "../../sys/open.ts";
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
      const root = undo.use(open(volumeData(parts.settings.root, volume.name), O.PATH | O.DIRECTORY));
      const held = undo.move();
      return { root, live: false, [Symbol.dispose]: () => held.dispose() };
    },
    owner: () => undefined,
  };
}
