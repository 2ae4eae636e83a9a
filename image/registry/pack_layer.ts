import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { Bytes } from "../../base/container_engine.ts";
import { unavailable } from "../../base/errors.ts";
import type { LayerRow } from "../catalog.ts";
import { layerTar } from "../layer_tar.ts";
import type { Shelf } from "../shelf.ts";

export interface PackedLayer {
  readonly digest: string;
  readonly size: number;
}

/** Fast: an upload waits for it, and the next levels make the blob smaller by a few percent. */
const LEVEL = 4;
const PIECE = 512 << 10;

/**
 * Writes a layer as a registry keeps it, `tar.gzip`, into the new file `path`. The same layer gives the same bytes.
 * @throws `internal` when the layer's files are not what they were; `unavailable` when the disk is full
 */
export async function packLayer(
  shelf: Shelf,
  layer: LayerRow,
  path: string,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<PackedLayer> {
  const hash = createHash("sha256");
  let size = 0;
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  const input = Readable.from(layerTar(shelf, layer, progress), { objectMode: false });
  const gzip = createGzip({ level: LEVEL, chunkSize: PIECE });
  input.on("error", (error) => gzip.destroy(error)); // pipe() does not pass errors on
  try {
    for await (const piece of input.pipe(gzip) as AsyncIterable<Bytes>) {
      signal.throwIfAborted();
      hash.update(piece);
      size += piece.length;
      for (let done = 0; done < piece.length;) done += await file.write(piece.subarray(done)).catch(explainFullDisk);
    }
  } finally {
    input.destroy();
    gzip.destroy();
  }
  return { digest: `sha256:${hash.digest("hex")}`, size };
}

function explainFullDisk(error: unknown): never {
  const isFull = error instanceof Error && /os error (28|122)\)/.test(error.message); // ENOSPC, EDQUOT
  throw isFull ? unavailable("cannot pack the layer: no space left on device", { cause: error }) : error;
}
