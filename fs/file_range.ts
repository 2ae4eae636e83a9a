import type { Bytes } from "../base/container_engine.ts";
import { invalid } from "../base/errors.ts";

/** A part of a file. */
export interface FileRange {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** It is still being written: its end is waited for, until it is there or the file is removed. */
  readonly growing?: boolean;
}

/** Small enough that many which wait for the garbage collector do not matter. */
const PIECE = 256 << 10;
/** Milliseconds between two looks at a file that grows. */
const LOOK_EVERY = 5;

/** The bytes of a part of a file, in pieces of at most 256 KiB. @throws invalid when the file ends before */
export async function* readRange({ path, offset, length, growing = false }: FileRange): AsyncGenerator<Bytes> {
  using file = await Deno.open(path);
  await file.seek(offset, Deno.SeekMode.Start);
  let piece = new Uint8Array();
  for (let left = length; left > 0;) {
    if (piece.length === 0) piece = new Uint8Array(Math.min(PIECE, left));
    const n = await file.read(piece);
    if (n === null && growing) {
      if ((await file.stat()).nlink === 0) throw invalid("the download was given up");
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
      continue;
    }
    if (n === null) throw invalid(`the archive is truncated: ${left} bytes are missing`);
    left -= n;
    yield piece.subarray(0, n);
    piece = new Uint8Array();
  }
}
