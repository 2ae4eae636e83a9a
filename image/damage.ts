/** Layers whose files are not what they were when they came. */
import type { CheckOptions } from "../base/container_engine.ts";
import { describeError } from "../base/errors.ts";
import type { Fault } from "../base/fault.ts";
import { fileExists } from "../base/file_exists.ts";
import type { LayerRow } from "./catalog.ts";
import { layerTar } from "./layer_tar.ts";
import { again } from "./pull_again.ts";
import { seldom } from "./registry/seldom.ts";
import type { Shelf } from "./shelf.ts";

export type DamageOptions = Pick<CheckOptions, "progress" | "signal">;

/** Pieces of up to 1 MiB until others get their turn: a few milliseconds. */
const PIECES_PER_TURN = 4;

/**
 * Reads all layers and compares each with its digest. What is found is noted: the next pull or load of an image that has
 * the layer brings it in again, and takes the note away.
 */
export async function* layerDamage(shelf: Shelf, { progress, signal }: DamageOptions): AsyncGenerator<Fault> {
  const { catalog } = shelf;
  const layers = catalog.layers().filter(({ name }) =>
    fileExists(shelf.folders.folder(name)) && fileExists(shelf.folders.skeleton(name))
  );
  const total = layers.reduce((sum, { tarSize }) => sum + tarSize, 0);
  const held = shelf.hold(layers.map(({ diffId }) => diffId));
  const tell = seldom((current) => progress?.({ current, total }));
  let done = 0;
  try {
    for (const layer of layers) {
      const damage = await damageOf(shelf, layer, (bytes) => tell(done + bytes), signal);
      done += layer.tarSize;
      if (catalog.layer(layer.diffId)?.name !== layer.name) continue; // a pull or a load has brought it in again meanwhile
      if (damage === undefined) catalog.transaction(() => catalog.unmarkDamaged(layer.diffId));
      else {
        catalog.transaction(() => catalog.markDamaged(layer.diffId));
        yield damagedLayer(shelf, layer.diffId, damage);
      }
    }
    progress?.({ current: total, total });
  } finally {
    held[Symbol.dispose]();
    shelf.collect(); // what images had that were removed meanwhile
  }
}

export function damagedLayer(shelf: Shelf, diffId: string, how: string): Fault {
  return {
    kind: "layer-damaged",
    object: diffId,
    detail: `${how}: ${again(shelf, shelf.catalog.imagesWith(diffId))}`,
  };
}

/** What is wrong with it, in words. */
async function damageOf(
  shelf: Shelf,
  layer: LayerRow,
  progress: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { folders } = shelf;
  try {
    let pieces = 0;
    for (const _ of layerTar({ folders }, layer, progress)) {
      if (++pieces % PIECES_PER_TURN === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      if (signal?.aborted) break;
    }
  } catch (error) {
    return describeError(error);
  }
  signal?.throwIfAborted();
  return undefined;
}
