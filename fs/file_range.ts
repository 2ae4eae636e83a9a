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

const PIECE = 512 << 10;
/** Milliseconds between two looks at a file that grows. */
const LOOK_EVERY = 5;

/**
 * The bytes of a part of a file, in pieces of at most 512 KiB. Each is good until the next is asked for: its memory is
 * used again, since V8 lets 32 MB of buffers pile up in each thread before it looks which are needed. While one is
 * worked on, the next is read.
 * @throws invalid when the file ends before
 */
export async function* readRange({ path, offset, length, growing = false }: FileRange): AsyncGenerator<Bytes> {
  using file = await Deno.open(path);
  await file.seek(offset, Deno.SeekMode.Start);
  const stop = new AbortController();
  let left = length;
  const read = (buffer: Bytes) => {
    const reading = readSome(file, buffer.subarray(0, left), growing, stop.signal);
    reading.catch(() => {}); // it is told when the piece is asked for; until then nobody listens
    return reading;
  };
  const size = Math.min(PIECE, length);
  let [current, other] = [new Uint8Array(size), new Uint8Array(length > size ? size : 0)];
  let reading = read(current);
  try {
    while (left > 0) {
      const n = await reading;
      if (n === 0) throw invalid(`the archive is truncated: ${left} bytes are missing`);
      left -= n;
      const piece = current.subarray(0, n);
      [current, other] = [other, current];
      if (left > 0) reading = read(current);
      yield piece;
    }
  } finally {
    stop.abort();
    await reading.catch(() => {}); // it reads into our memory, by a descriptor that is closed next
  }
}

/** Reads what is there, at least one byte; 0 at the end of the file. */
async function readSome(file: Deno.FsFile, buffer: Bytes, growing: boolean, signal: AbortSignal): Promise<number> {
  for (;;) {
    const n = await file.read(buffer) ?? 0;
    if (n > 0 || !growing || buffer.length === 0 || signal.aborted) return n;
    if ((await file.stat()).nlink === 0) throw invalid("the download was given up");
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}
