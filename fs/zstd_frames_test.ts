import assert from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import type { Bytes } from "../base/container_engine.ts";
import { decompressed } from "./decompress.ts";

const filled = (length: number, value: number) => new Uint8Array(length).fill(value);
const join = (...parts: Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]));
const noise = crypto.getRandomValues(new Uint8Array(50_000));
const skippable = new Uint8Array([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
const [a, b] = [zstdCompressSync(filled(300_000, 7)), zstdCompressSync(noise)];
const [ga, gb] = [gzipSync(filled(300_000, 7)), gzipSync(noise)];

async function* pieces(data: Uint8Array, size: number): AsyncGenerator<Bytes> {
  for (let at = 0; at < data.length; at += size) {
    yield await Promise.resolve(new Uint8Array(data.subarray(at, at + size)));
  }
}

async function collect(data: Uint8Array, size: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of decompressed(pieces(data, size))) parts.push(part.slice()); // it is good until the next is asked for
  return join(...parts);
}

const whole = [
  { name: "one zstd frame", data: a, gives: filled(300_000, 7) },
  { name: "two zstd frames", data: join(a, b), gives: join(filled(300_000, 7), noise) },
  {
    name: "skippable frames around zstd frames",
    data: join(skippable, a, skippable, b, skippable),
    gives: join(filled(300_000, 7), noise),
  },
  { name: "an empty zstd frame", data: join(zstdCompressSync(new Uint8Array()), b), gives: noise },
  { name: "two gzip members", data: join(ga, gb), gives: join(filled(300_000, 7), noise) },
  { name: "plain bytes", data: noise.map((byte) => byte & 0x1f), gives: noise.map((byte) => byte & 0x1f) },
];
for (const { name, data, gives } of whole) {
  Deno.test(`decompressed() reads ${name}, in pieces of any size`, async () => {
    for (const size of [data.length, 4096, 997, 11]) assert.deepEqual(await collect(data, size), gives);
  });
}

const broken = [
  { name: "a zstd frame cut off", data: join(a, b.subarray(0, b.length - 2)), message: /zstd stream is truncated/ },
  { name: "rubbish behind a zstd frame", data: join(a, filled(40, 65)), message: /no zstd frame/ },
  { name: "a gzip member cut off", data: ga.subarray(0, ga.length - 3), message: /gzip stream is damaged/ },
  { name: "rubbish behind a gzip member", data: join(ga, filled(40, 65)), message: /gzip stream is damaged/ },
  { name: "xz", data: new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0]), message: /compressed with xz/ },
];
for (const { name, data, message } of broken) {
  Deno.test(`decompressed() refuses ${name}`, async () => {
    await assert.rejects(collect(data, 1000), { class: "invalid", message });
  });
}
