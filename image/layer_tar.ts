import { createHash } from "node:crypto";
import type { Bytes } from "../base/container_engine.ts";
import { internal } from "../base/errors.ts";
import { replayLayer } from "../fs/replay.ts";
import type { LayerRow } from "./catalog.ts";
import type { Shelf } from "./shelf.ts";

/**
 * The tar that a layer came as, out of its files. The last piece is only given when all had the digest and the size that
 * they must have; `progress` hears of each piece, the last included.
 * @throws `internal` when the files are not what they were
 */
export function* layerTar(
  { folders }: Pick<Shelf, "folders">,
  { diffId, name, tarSize }: LayerRow,
  progress: (bytes: number) => void = () => {},
): Generator<Bytes> {
  const hash = createHash("sha256");
  let held: Bytes | undefined;
  let size = 0;
  for (const bytes of replayLayer(folders.folder(name), folders.skeleton(name))) {
    if (held !== undefined) yield held;
    hash.update(bytes);
    size += bytes.length;
    progress(size);
    held = bytes;
  }
  const found = `sha256:${hash.digest("hex")}`;
  if (found !== diffId || size !== tarSize) {
    throw internal(`the layer ${diffId} was changed on the disk: it is ${found} now`);
  }
  if (held !== undefined) yield held;
}
