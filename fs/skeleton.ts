/**
 * A layer's tar without the data of its files: with it and the unpacked folder the very same tar is written again, so
 * that `save` and `push` give the layer its digest back while its files are kept once. (containers/storage and Docker
 * have tar-split for that.) Blocks of up to 1 MiB of records, each block: u32 length, then zstd. Records:
 *
 *     0 length bytes…                 as they stand in the tar
 *     1 length                        zeros
 *     2 length offset length path     data of a file of the layer
 *
 * Numbers are LEB128.
 */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Bytes } from "../base/container_engine.ts";
import { internal } from "../base/errors.ts";
import { decodeName, encodeNameInto } from "../base/file_name.ts";
import type { Fd } from "../sys/fd.ts";
import { readAt, writeAll } from "../sys/file.ts";
import { isZero } from "../base/tar/block.ts";

export type SkeletonRecord =
  | { readonly kind: "bytes"; readonly bytes: Bytes }
  | { readonly kind: "zeros"; readonly length: number }
  | { readonly kind: "file"; readonly length: number; readonly offset: number; readonly path: string };

const BLOCK_SIZE = 1 << 20;
const BYTES = 0, ZEROS = 1, FILE = 2;

/** Writes records into an open file. */
export class SkeletonWriter {
  readonly #fd: Fd;
  readonly #block = new Uint8Array(BLOCK_SIZE);
  /** A name of at most PATH_MAX bytes, or characters. */
  readonly #name = new Uint8Array(3 * 4096);
  #used = 0;

  constructor(fd: Fd) {
    this.#fd = fd;
  }

  bytes(bytes: Bytes): void {
    if (isZero(bytes)) {
      this.#room(16);
      this.#number(ZEROS);
      this.#number(bytes.length);
      return;
    }
    for (let at = 0; at < bytes.length;) {
      this.#room(1024);
      const room = this.#block.length - this.#used - 16;
      const part = at === 0 && bytes.length <= room ? bytes : bytes.subarray(at, at + room);
      this.#number(BYTES);
      this.#number(part.length);
      this.#append(part);
      at += part.length;
    }
  }

  file(path: string, offset: number, length: number): void {
    const name = encodeNameInto(path, this.#name);
    this.#room(name + 64);
    this.#number(FILE);
    this.#number(length);
    this.#number(offset);
    this.#number(name);
    this.#append(this.#name.subarray(0, name));
  }

  /** Writes what is still in memory. */
  finish(): void {
    if (this.#used === 0) return;
    const packed = zstdCompressSync(this.#block.subarray(0, this.#used));
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, packed.length, true);
    writeAll(this.#fd, length);
    writeAll(this.#fd, new Uint8Array(packed));
    this.#used = 0;
  }

  #room(size: number): void {
    if (this.#used + size > this.#block.length) this.finish();
  }

  #number(value: number): void {
    for (; value > 127; value = Math.floor(value / 128)) this.#block[this.#used++] = value % 128 | 128;
    this.#block[this.#used++] = value;
  }

  #append(bytes: Uint8Array): void {
    this.#block.set(bytes, this.#used);
    this.#used += bytes.length;
  }
}

/** The records of a skeleton. @throws internal when the file is damaged */
export function* readSkeleton(fd: Fd): Generator<SkeletonRecord> {
  for (let at = 0;;) {
    const head = exactly(fd, 4, at, true);
    if (head === undefined) return;
    const length = new DataView(head.buffer).getUint32(0, true);
    const packed = length > 2 * BLOCK_SIZE ? undefined : exactly(fd, length, at + 4);
    if (packed === undefined) throw internal("the skeleton of a layer is damaged");
    at += 4 + length;
    yield* records(new Uint8Array(zstdDecompressSync(packed)));
  }
}

function exactly(fd: Fd, length: number, at: number, mayEnd = false): Bytes | undefined {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const n = readAt(fd, bytes.subarray(filled), at + filled);
    if (n === 0) break;
    filled += n;
  }
  if (filled === length) return bytes;
  if (mayEnd && filled === 0) return undefined;
  throw internal("the skeleton of a layer is cut off");
}

function* records(block: Bytes): Generator<SkeletonRecord> {
  let at = 0;
  const number = () => {
    for (let value = 0, scale = 1;; scale *= 128) {
      const byte = block[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < block.length) {
    const kind = number();
    const length = number();
    if (kind === ZEROS) yield { kind: "zeros", length };
    else if (kind === BYTES) yield { kind: "bytes", bytes: block.subarray(at, at += length) };
    else if (kind === FILE) {
      const offset = number();
      const size = number();
      yield { kind: "file", length, offset, path: decodeName(block.subarray(at, at += size)) };
    } else throw internal("the skeleton of a layer has an unknown record");
  }
}
