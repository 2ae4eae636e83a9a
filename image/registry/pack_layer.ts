import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { Bytes } from "../../base/container_engine.ts";
import { internal, unavailable } from "../../base/errors.ts";
import { replayLayer } from "../../fs/replay.ts";
import type { LayerRow } from "../catalog.ts";
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
  { folders }: Shelf,
  layer: LayerRow,
  path: string,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<PackedLayer> {
  const hash = createHash("sha256");
  let size = 0;
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  const tar = verified(replayLayer(folders.folder(layer.name), folders.skeleton(layer.name)), layer, progress);
  const input = Readable.from(tar, { objectMode: false });
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

/** The tar, and an error at its end if it is not what was taken in. */
function* verified(
  tar: Iterable<Bytes>,
  { diffId, tarSize }: LayerRow,
  progress: (bytes: number) => void,
): Generator<Bytes> {
  const hash = createHash("sha256");
  let size = 0;
  for (const bytes of tar) {
    hash.update(bytes);
    size += bytes.length;
    progress(size);
    yield bytes;
  }
  const found = `sha256:${hash.digest("hex")}`;
  if (found !== diffId || size !== tarSize) {
    throw internal(`the layer ${diffId} was changed on the disk: it is ${found} now`);
  }
}

function explainFullDisk(error: unknown): never {
  const isFull = error instanceof Error && /os error (28|122)\)/.test(error.message); // ENOSPC, EDQUOT
  throw isFull ? unavailable("cannot pack the layer: no space left on device", { cause: error }) : error;
}
