import type { Bytes } from "../base/container_engine.ts";
import { invalid } from "../base/errors.ts";

/** A part of a file. */
export interface FileRange {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

const PIECE = 1 << 20;

/** The bytes of a part of a file, in pieces of at most 1 MiB. @throws invalid when the file ends before */
export async function* readRange({ path, offset, length }: FileRange): AsyncGenerator<Bytes> {
  using file = await Deno.open(path);
  await file.seek(offset, Deno.SeekMode.Start);
  for (let left = length; left > 0;) {
    const piece = new Uint8Array(Math.min(PIECE, left));
    const n = await file.read(piece);
    if (n === null) throw invalid(`the archive is truncated: ${left} bytes are missing`);
    left -= n;
    yield piece.subarray(0, n);
  }
}
