import type { Fault } from "../../base/fault.ts";
import { fileExists } from "../../base/file_exists.ts";
import { now } from "../../base/timestamps.ts";
import {
  createVolumeFolder,
  dropFill,
  hasFill,
  isEmptyVolume,
  removeVolumeFolder,
  volumeData,
} from "../../fs/volumes.ts";
import type { Parts } from "../parts.ts";
import { finishFill } from "../volumes/fill.ts";
import { checkVolumeName } from "../volumes/name.ts";
import type { Volume } from "../volumes/volume.ts";
import { publishVolumeEvent } from "../volumes/volume_event.ts";
import { type DamagedRow, rowFaults } from "./rows.ts";

/** Rows and folders, and fillings that somebody has left half done. */
export function* volumeFaults(parts: Parts): Generator<Fault> {
  const { settings: { root }, volumes } = parts;
  const damaged = new Map<string, DamagedRow>();
  const rows = volumes.onDisk((name, error) => damaged.set(name, { name, error }));
  const readable = new Set(Array.from(rows, ({ name }) => name));
  const settled = [...volumes].filter((volume) => volume.stored && volume.pins === 0 && !volume.serial.busy);
  yield* rowFaults<Volume>({
    what: "volume",
    readable,
    damaged,
    known: new Map(settled.map((volume) => [volume.name, volume])),
    name: ({ name }) => name,
    restore: (volume) => volumes.restore(volume),
  });
  for (const volume of settled) {
    yield* folderFaults(parts, volume);
    yield* fillFaults(parts, volume);
  }
  const known = new Set([...damaged.keys(), ...volumes.damaged.keys(), ...[...volumes].flatMap(namesOf)]);
  for (const { name } of Deno.readDirSync(`${root}/volumes`)) {
    if (!known.has(name)) yield orphan(parts, name);
  }
}

function namesOf({ name, record }: Volume): string[] {
  return [name, record.formerName ?? name];
}

function* folderFaults({ settings: { root } }: Parts, { name, plain, record }: Volume): Generator<Fault> {
  if (fileExists(volumeData(root, record.formerName ?? name))) return;
  const fault = { kind: "volume-folder", object: name };
  if (plain) {
    yield { ...fault, detail: `the volume ${name} has lost its folder volumes/${name}/_data: its files are gone` };
  } else {
    yield {
      ...fault,
      detail: `the volume ${name} has lost its folder volumes/${name}/_data, on which something else is mounted`,
      repair: { done: "made again", run: () => createVolumeFolder(root, name) },
    };
  }
}

function* fillFaults(parts: Parts, volume: Volume): Generator<Fault> {
  const { settings: { root } } = parts;
  const { name, record } = volume;
  const fault = { kind: "volume-fill", object: name };
  if (record.filling) {
    yield {
      ...fault,
      detail: `the volume ${name} has got some of the files that it is to get, and not all`,
      repair: { done: "it has all of them now", run: () => finishFill(parts, volume) },
    };
  } else if (hasFill(root, name)) {
    yield {
      ...fault,
      detail: `volumes/${name}/_fill was left by something that was to fill the volume ${name}, and did not`,
      repair: { done: "removed", run: () => dropFill(root, name) },
    };
  }
}

/** What lies there may be somebody's only copy: a folder with files in it becomes a volume again. */
function orphan(parts: Parts, name: string): Fault {
  const { settings: { root } } = parts;
  const fault = { kind: "volume-orphan", object: `volumes/${name}` };
  const what = `the folder volumes/${name} is that of no volume`;
  if (!holdsFiles(root, name)) {
    return {
      ...fault,
      detail: `${what}, and is empty`,
      repair: { done: "removed", run: () => removeVolumeFolder(root, name) },
    };
  }
  return {
    ...fault,
    detail: `${what}, and there are files in it`,
    repair: { done: "it is a volume again", run: () => adopt(parts, name) },
  };
}

function holdsFiles(root: string, name: string): boolean {
  try {
    return !isEmptyVolume(volumeData(root, name));
  } catch {
    return hasFiles(`${root}/volumes/${name}`); // no folder as volumes have them
  }
}

function hasFiles(path: string): boolean {
  return !Deno.lstatSync(path).isDirectory || !Deno.readDirSync(path)[Symbol.iterator]().next().done;
}

function adopt(parts: Parts, name: string): void {
  checkVolumeName(name);
  isEmptyVolume(volumeData(parts.settings.root, name)); // throws where that is no directory
  const volume = parts.volumes.add({ name, created: now(), labels: {}, options: {}, anonymous: false });
  try {
    parts.volumes.store([volume]);
  } catch (error) {
    parts.volumes.delete(volume);
    throw error;
  }
  publishVolumeEvent(parts, name, "create");
}
