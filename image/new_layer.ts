import type { Shelf } from "./shelf.ts";
import type { StoredTar } from "./stored_tar.ts";
import { Unpackers } from "./unpackers.ts";

/** A layer that no image has yet. Disposed of, it stays if one has it by then. */
export interface NewLayer extends Disposable {
  readonly diffId: string;
}

/** Unpacks the tar of a layer, plain or compressed, and enters it. @throws invalid when it is broken or cut off */
export async function newLayer(shelf: Shelf, { range: source }: StoredTar, signal: AbortSignal): Promise<NewLayer> {
  const staged = shelf.folders.stage();
  using undo = new DisposableStack();
  const held = undo.use(new DisposableStack());
  held.defer(() => shelf.collect());
  undo.defer(() => shelf.folders.drop(staged));
  using unpackers = new Unpackers(shelf.spareWorkers, { alone: true });
  const { folder, skeleton } = staged;
  const job = { source, folder, skeleton, expected: {}, limits: shelf.limits, needsEnd: true };
  const unpacked = await unpackers.unpack(job, { progress: () => {}, signal });
  held.use(shelf.hold([unpacked.diffId]));
  shelf.enter(staged, unpacked);
  undo.move();
  return { diffId: unpacked.diffId, [Symbol.dispose]: () => held.dispose() };
}
