/** A docker-archive as `docker save | gzip` writes it, of generated content. */
import { createHash } from "node:crypto";
import { header, tar, type TarEntry } from "./ustar.ts";

export interface ImageShape {
  /** Name and tag; two images with different names share no byte of content. */
  readonly name: string;
  /** Of 1 to 8 KB, hundred to a folder: what a language's library looks like. */
  readonly smallFiles: number;
  /** Of 10 MB. */
  readonly largeFiles: number;
}

const largeFile = 10_000_000;

/** Writes the image to `path`. It compresses to about a half, as programs and libraries do. */
export async function writeImageArchive(path: string, shape: ImageShape): Promise<void> {
  const { size, digest } = await measure(shape);
  const config = JSON.stringify({
    architecture: Deno.build.arch === "aarch64" ? "arm64" : "amd64",
    os: "linux",
    created: "2023-11-14T22:13:20Z",
    config: { Cmd: ["sh"] },
    rootfs: { type: "layers", diff_ids: [`sha256:${digest}`] },
    history: [{ created: "2023-11-14T22:13:20Z", created_by: "bench" }],
  });
  const configName = `${createHash("sha256").update(config).digest("hex")}.json`;
  const manifest = JSON.stringify([{ Config: configName, RepoTags: [shape.name], Layers: [`${digest}/layer.tar`] }]);
  const text = new TextEncoder();
  const parts = function* () {
    yield header(`${digest}/layer.tar`, size); // its size is a multiple of the block's: no padding
    yield* tar(layer(shape));
    yield* tar([
      { path: configName, content: text.encode(config) },
      { path: "manifest.json", content: text.encode(manifest) },
    ]);
  };
  const file = await Deno.open(path, { write: true, create: true, truncate: true });
  await ReadableStream.from(parts()).pipeThrough(new CompressionStream("gzip")).pipeTo(file.writable);
}

async function measure(shape: ImageShape): Promise<{ size: number; digest: string }> {
  const hash = createHash("sha256");
  let size = 0;
  for (const chunk of tar(layer(shape))) {
    hash.update(chunk);
    size += chunk.length;
    if (chunk.length === largeFile) await new Promise((resolve) => setTimeout(resolve)); // let signals in
  }
  return { size, digest: hash.digest("hex") };
}

function* layer({ name, smallFiles, largeFiles }: ImageShape): Generator<TarEntry> {
  const content = new Content(name);
  const none = new Uint8Array();
  yield { path: "lib/", content: none };
  for (let index = 0; index < smallFiles; index++) {
    const folder = `lib/${String(Math.floor(index / 100)).padStart(3, "0")}/`;
    if (index % 100 === 0) yield { path: folder, content: none };
    yield { path: `${folder}${index}.txt`, content: content.take(1024 + (index * 769) % 7168) };
  }
  yield { path: "large/", content: none };
  for (let index = 0; index < largeFiles; index++) {
    yield { path: `large/${index}.bin`, content: content.take(largeFile) };
  }
}

/** Bytes that are the same for the same seed: 64 at random, 64 of plain text, and so on. */
class Content {
  #state: number;

  constructor(seed: string) {
    this.#state = createHash("sha256").update(seed).digest().readUInt32LE(0) | 1;
  }

  take(size: number): Uint8Array<ArrayBuffer> {
    const words = new Uint32Array(Math.ceil(size / 4));
    for (let index = 0; index < words.length; index++) {
      if ((index & 31) < 16) words[index] = this.#next();
      else words[index] = 0x20656874;
    }
    return new Uint8Array(words.buffer, 0, size);
  }

  /** Marsaglia's xorshift32. */
  #next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return this.#state = state >>> 0;
  }
}
