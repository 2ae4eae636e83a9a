/** Layers of generated content: the same name gives the same bytes, different names share none. */
import { createHash } from "node:crypto";
import { fileEntry, folderEntry, tar, type TarEntry } from "./ustar.ts";

export interface ImageShape {
  /** Name and tag. */
  readonly name: string;
  /** Among which the files are divided. */
  readonly layers: number;
  /** Of 1 to 8 KB, hundred to a folder: what a language's library looks like. */
  readonly smallFiles: number;
  readonly largeFiles: number;
  /** Bytes of each of these; 10 MB unless told. */
  readonly largeFile?: number;
}

export interface Layer {
  readonly entries: () => Iterable<TarEntry>;
  /** Of its tar. */
  readonly size: number;
  readonly digest: string;
}

/** The layers of an image, the lowest first. They compress to about a half, as programs and libraries do. */
export async function layersOf(shape: ImageShape): Promise<Layer[]> {
  const layers: Layer[] = [];
  for (let index = 0; index < shape.layers; index++) {
    const entries = () => entriesOf(shape, index);
    layers.push({ entries, ...await measure(entries()) });
  }
  return layers;
}

async function measure(entries: Iterable<TarEntry>): Promise<{ size: number; digest: string }> {
  const hash = createHash("sha256");
  let [size, next] = [0, 0];
  for (const chunk of tar(entries)) {
    hash.update(chunk);
    size += chunk.length;
    if (size < next) continue;
    next = size + 10_000_000;
    await new Promise((resolve) => setTimeout(resolve)); // let signals in
  }
  return { size, digest: hash.digest("hex") };
}

function* entriesOf(shape: ImageShape, layer: number): Generator<TarEntry> {
  const { name, layers, smallFiles, largeFiles, largeFile = 10_000_000 } = shape;
  const content = new Content(`${name} ${layer}`);
  const first = (count: number, of: number) => Math.floor(count * of / layers);
  yield folderEntry(`lib${layer}`);
  for (let index = first(smallFiles, layer), last = -1; index < first(smallFiles, layer + 1); index++) {
    const number = Math.floor(index / 100);
    const folder = `lib${layer}/${String(number).padStart(3, "0")}`;
    if (number !== last) yield folderEntry(folder);
    last = number;
    yield fileEntry(`${folder}/${index}.txt`, content.take(1024 + (index * 769) % 7168));
  }
  yield folderEntry("large");
  for (let index = first(largeFiles, layer); index < first(largeFiles, layer + 1); index++) {
    yield { path: `large/${index}.bin`, size: largeFile, content: content.pieces(largeFile) };
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

  *pieces(size: number): Generator<Uint8Array<ArrayBuffer>> {
    const piece = 1 << 20;
    for (let left = size; left > 0; left -= piece) yield this.take(Math.min(left, piece));
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
