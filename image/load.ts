import type { ImageLoadOptions } from "../base/container_engine.ts";
import type { ProgressMessage } from "../base/docker/image.ts";
import { failpoint } from "../base/failpoint.ts";
import { now } from "../base/timestamps.ts";
import { Archive } from "./archive.ts";
import { type ArchivedImage, archivedImages } from "./archived_image.ts";
import { refuseHostName } from "./find.ts";
import { progressOf } from "./progress.ts";
import { canonical, familiar } from "./reference.ts";
import type { Shelf } from "./shelf.ts";
import type { TarSource } from "./stored_tar.ts";
import { Unpackers } from "./unpackers.ts";

type Tell = (message: ProgressMessage) => void;

/**
 * Takes in the images of an archive. All of it is read and checked before anything is entered; then each image comes
 * with its names in one transaction.
 */
export function loadImages(
  shelf: Shelf,
  tar: TarSource,
  { quiet = false, signal }: ImageLoadOptions = {},
): AsyncGenerator<ProgressMessage> {
  return progressOf(async (tell, stopped) => {
    using archive = await Archive.of(`${shelf.root}/staging`, tar, shelf.limits, stopped);
    const images = await archivedImages(archive);
    for (const name of images.flatMap(({ names }) => names)) refuseHostName(shelf, name);
    using _held = shelf.hold(images.flatMap(({ layers }) => layers.map(({ expected }) => expected.diffId)));
    try {
      await unpackMissing(shelf, images, quiet ? () => {} : tell, stopped);
      for (const image of images) enterImage(shelf, image, tell);
    } finally {
      _held[Symbol.dispose]();
      shelf.collect(); // what was unpacked for an image that did not come
    }
  }, signal);
}

/** Unpacks the layers that are not there, each once, several at a time. */
async function unpackMissing(
  shelf: Shelf,
  images: readonly ArchivedImage[],
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  const layers = new Map(images.flatMap(({ layers }) => layers).map((layer) => [layer.expected.diffId, layer]));
  const missing = [...layers.values()].filter(({ expected }) => !shelf.has(expected.diffId));
  using unpackers = new Unpackers(shelf.spareWorkers, { alone: missing.length === 1 });
  const stop = new AbortController(); // the first failure ends the others
  const results = await Promise.allSettled(missing.map(async (layer) => {
    try {
      await unpackLayerInto(shelf, layer, unpackers, tell, AbortSignal.any([signal, stop.signal]));
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  }));
  if (results.some(({ status }) => status === "rejected")) throw stop.signal.reason;
}

async function unpackLayerInto(
  shelf: Shelf,
  { source, expected }: ArchivedImage["layers"][number],
  unpackers: Unpackers,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  const staged = shelf.folders.stage();
  using undo = new DisposableStack();
  undo.defer(() => shelf.folders.drop(staged));
  const { folder, skeleton } = staged;
  const id = expected.diffId.slice("sha256:".length).slice(0, 12);
  const progress = (current: number) => {
    tell({ status: "Loading layer", progressDetail: { current, total: source.length }, id });
  };
  const job = { source, folder, skeleton, expected, limits: shelf.limits, needsEnd: false };
  const unpacked = await unpackers.unpack(job, { progress, signal });
  progress(source.length);
  failpoint("load.unpacked");
  shelf.enter(staged, unpacked);
  failpoint("load.layer");
  undo.move();
}

function enterImage({ catalog, emit }: Shelf, image: ArchivedImage, tell: Tell): void {
  const { id, config, layers, names, parent } = image;
  const moved = names.map((name) => ({ name, from: catalog.named(canonical(name)) }));
  catalog.transaction(() => {
    const knownParent = parent !== undefined && catalog.image(parent) !== undefined ? parent : undefined;
    catalog.putImage(id, config, layers.map(({ expected }) => expected.diffId), knownParent, now());
    for (const name of names) catalog.setName(canonical(name), id, now());
    failpoint("load.image");
  });
  for (const { name, from } of moved) {
    if (from === undefined || from === id) continue;
    const renamed = `The image ${familiar(name)} already exists, renaming the old one with ID ${from} to empty string`;
    tell({ stream: `${renamed}\n` });
  }
  for (const name of names) tell({ stream: `Loaded image: ${familiar(name)}\n` });
  if (names.length === 0) tell({ stream: `Loaded image ID: ${id}\n` });
  emit("load", id, id);
}
