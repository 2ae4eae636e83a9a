import type { VolumeCreate } from "../../base/docker/volume.ts";
import { conflict, invalid } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import { randomId } from "../../base/names.ts";
import { now } from "../../base/timestamps.ts";
import { createVolumeFolder, removeVolumeFolder } from "../../fs/volumes.ts";
import type { Parts } from "../parts.ts";
import { checkDriver, checkDriverOptions } from "./driver.ts";
import { checkVolumeName } from "./name.ts";
import type { Volume } from "./volume.ts";
import { publishVolumeEvent } from "./volume_event.ts";

/** Docker's mark of those that nobody has named. */
export const ANONYMOUS_LABEL = "com.docker.volume.anonymous";

/**
 * Makes a volume; one of that name that is there already is given as it is, as in Docker.
 * @throws `invalid` for the name and the options, `not_found` for the driver; with Docker's sentences
 */
export function createVolume(parts: Parts, { Name = "", Driver, DriverOpts, Labels }: VolumeCreate): Volume {
  checkDriver(Driver);
  const found = Name === "" ? undefined : parts.volumes.find(Name);
  if (found !== undefined) {
    if (!found.stored) throw conflict(`the volume ${Name} is being made for a container`);
    return found;
  }
  const volume = makeVolume(parts, {
    name: Name || randomId(),
    labels: { ...Name === "" && { [ANONYMOUS_LABEL]: "" }, ...Labels },
    options: { ...DriverOpts },
    anonymous: Name === "",
  });
  try {
    parts.volumes.store([volume]);
  } catch (error) {
    unmakeVolume(parts, volume);
    throw error;
  }
  failpoint("volume.create.row");
  publishVolumeEvent(parts, volume.name, "create");
  return volume;
}

/** A volume that is not in the database yet: its folder, and its place in memory. */
export function makeVolume(
  parts: Parts,
  { name, labels, options, anonymous }: Omit<Volume["record"], "created">,
): Volume {
  checkVolumeName(name);
  checkDriverOptions(options);
  if (Object.keys(labels).some((label) => label === "")) throw invalid("invalid label: empty name");
  const volume = parts.volumes.add({ name, created: now(), labels, options, anonymous });
  try {
    createVolumeFolder(parts.settings.root, name);
    failpoint("volume.create.folder");
  } catch (error) {
    unmakeVolume(parts, volume);
    throw error;
  }
  return volume;
}

/** Takes back what {@link makeVolume} has made. */
export function unmakeVolume(parts: Parts, volume: Volume): void {
  parts.volumes.delete(volume);
  removeVolumeFolder(parts.settings.root, volume.name);
}
