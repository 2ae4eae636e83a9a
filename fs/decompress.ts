import type { Bytes } from "../base/container_engine.ts";
import { invalid } from "../base/errors.ts";
import { Inflater } from "./inflate.ts";
import { ZstdFrames } from "./zstd_frames.ts";

/** How bytes are compressed, by the magic number that they begin with. */
export type Compression = "none" | "gzip" | "zstd" | "bzip2" | "xz";

const MAGIC: readonly (readonly [Compression, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];

/** The compression of what begins with `start`, of which 6 bytes suffice. */
export function compressionOf(start: Uint8Array): Compression {
  if ((start[0] ?? 0) >>> 4 === 5 && start[1] === 0x2a && start[2] === 0x4d && start[3] === 0x18) return "zstd"; // a skippable frame first
  return MAGIC.find(([, magic]) => magic.every((byte, i) => start[i] === byte))?.[0] ?? "none";
}

/**
 * The bytes uncompressed, whatever they were: plain, gzip (of several members too) or zstd. A piece is good until the
 * next is asked for; so may be those of `source`.
 * @throws invalid when they are damaged, cut off, or compressed otherwise
 */
export async function* decompressed(source: AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
  const iterator = source[Symbol.asyncIterator]();
  let first = new Uint8Array();
  for (; first.length < 6;) {
    const { done, value } = await iterator.next();
    if (done) break;
    first = first.length === 0 && value.length >= 6 ? value : new Uint8Array([...first, ...value]);
  }
  const compression = compressionOf(first);
  const whole = again(first, iterator);
  if (compression === "none") yield* whole;
  else if (compression === "gzip") yield* inflated(whole, compression);
  else if (compression === "zstd") yield* inflated(frames(whole), compression);
  else throw invalid(`the archive is compressed with ${compression}; plain, gzip and zstd are understood`);
}

async function* again(first: Bytes, rest: AsyncIterator<Bytes>): AsyncGenerator<Bytes> {
  try {
    if (first.length > 0) yield first;
    for (;;) {
      const { done, value } = await rest.next();
      if (done) return;
      yield value;
    }
  } finally {
    await rest.return?.();
  }
}

async function* frames(source: AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
  const cutter = new ZstdFrames();
  for await (const chunk of source) yield* cutter.split(chunk);
  cutter.finish();
}

async function* inflated(source: AsyncIterable<Bytes>, name: "gzip" | "zstd"): AsyncGenerator<Bytes> {
  using inflater = new Inflater(name);
  for await (const piece of source) yield* inflater.push(piece);
  yield* inflater.finish();
}
