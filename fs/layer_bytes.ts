import { createHash } from "node:crypto";
import type { Bytes } from "../base/container_engine.ts";
import { invalid } from "../base/errors.ts";
import { TarReader } from "../base/tar/reader.ts";
import { decompressed } from "./decompress.ts";
import { type FileRange, readRange } from "./file_range.ts";
import { Recorder } from "./record.ts";
import type { Ring } from "./ring.ts";
import type { LayerJob } from "./unpack_layer.ts";

/** The uncompressed bytes of a layer, and their digest. */
export interface LayerBytes {
  /** Each piece is good until the next is asked for. */
  pieces(): AsyncIterable<Bytes> | Iterable<Bytes>;
  /** `sha256:…` of all of them, when they have been read. */
  readonly diffId: string;
}

/** Read, decompressed and hashed by whoever asks for them. `progress` hears how much of the source has been read. */
export class ReadBytes implements LayerBytes {
  readonly #source: FileRange;
  readonly #progress: (bytes: number) => void;
  diffId = "";

  constructor(source: FileRange, progress: (bytes: number) => void = () => {}) {
    this.#source = source;
    this.#progress = progress;
  }

  async *pieces(): AsyncGenerator<Bytes> {
    const hash = createHash("sha256");
    for await (const bytes of decompressed(counted(readRange(this.#source), this.#progress))) {
      hash.update(bytes);
      yield bytes;
    }
    this.diffId = `sha256:${hash.digest("hex")}`;
  }
}

/** Read, decompressed and hashed by another thread, by {@link feedLayer}. */
export class FedBytes implements LayerBytes {
  readonly #ring: Ring;

  constructor(ring: Ring) {
    this.#ring = ring;
  }

  pieces(): Iterable<Bytes> {
    return this.#ring.read();
  }

  get diffId(): string {
    return `sha256:${this.#ring.text}`;
  }
}

/**
 * The half of unpacking a layer that another thread can do: all but making its files. Both read the tar; to tell each
 * other what is in it would take longer. @throws as `unpackLayer`
 */
export async function feedLayer(job: LayerJob, ring: Ring, progress: (bytes: number) => void): Promise<void> {
  try {
    await verifyBlob(job);
    const bytes = new ReadBytes(job.source, progress);
    using skeleton = new FedSkeleton(job);
    for await (const piece of bytes.pieces()) {
      ring.write(piece);
      skeleton.push(piece);
    }
    skeleton.finish();
    ring.end(bytes.diffId.slice("sha256:".length));
    if (skeleton.failed !== undefined) throw skeleton.failed.reason;
  } catch (error) {
    ring.fail("writer");
    throw error;
  }
}

/** The thread that makes the files says what is too large: it is never further behind than the ring is long. */
const UNLIMITED = { bytes: Infinity, apparentBytes: Infinity, entries: Infinity };

/** The skeleton as it is written here. What is wrong with the tar the other thread finds, too, and is to say. */
class FedSkeleton implements Disposable {
  readonly #recorder: Recorder;
  readonly #reader: TarReader;
  readonly #needsEnd: boolean;
  failed: { readonly reason: unknown } | undefined;

  constructor({ skeleton, needsEnd }: LayerJob) {
    this.#recorder = new Recorder(skeleton);
    this.#reader = new TarReader(this.#recorder, UNLIMITED);
    this.#needsEnd = needsEnd;
  }

  [Symbol.dispose](): void {
    this.#recorder[Symbol.dispose]();
  }

  push(piece: Bytes): void {
    this.#try(() => this.#reader.push(piece));
  }

  finish(): void {
    this.#try(() => {
      this.#reader.finish({ needsEnd: this.#needsEnd });
      this.#recorder.finish();
    });
  }

  #try(work: () => void): void {
    if (this.failed !== undefined) return;
    try {
      work();
    } catch (reason) {
      this.failed = { reason };
    }
  }
}

async function* counted(source: AsyncIterable<Bytes>, progress: (bytes: number) => void): AsyncGenerator<Bytes> {
  let done = 0;
  for await (const bytes of source) {
    yield bytes;
    progress(done += bytes.length);
  }
}

/** Before anything interprets the bytes: a pass over what is in memory anyway, at 1.4 GB/s. */
export async function verifyBlob({ source, expected: { digest, size } }: LayerJob): Promise<void> {
  if (size !== undefined && size !== source.length) {
    throw invalid(`the layer ${digest ?? ""} has ${source.length} bytes instead of ${size}`);
  }
  if (digest === undefined) return;
  const hash = createHash("sha256");
  for await (const bytes of readRange(source)) hash.update(bytes);
  const found = `sha256:${hash.digest("hex")}`;
  if (found !== digest) throw invalid(`the layer ${digest} has the digest ${found}`);
}
