import { createHash } from "node:crypto";
import type { Bytes } from "../base/container_engine.ts";
import { invalid } from "../base/errors.ts";
import { O, open } from "../sys/open.ts";
import { decompressed } from "./decompress.ts";
import { asFullDisk, roomIn } from "./free_space.ts";
import { type FileNumbers, Recorder } from "./record.ts";
import { type FileRange, readRange } from "./file_range.ts";
import { SkeletonWriter } from "./skeleton.ts";
import { type TarLimits, TarReader, type TarSink } from "../base/tar/reader.ts";
import { Unpacker, type UnpackSummary } from "./unpack.ts";

/** What is known of a layer before it is read; what is given must be so. Digests are `sha256:…`. */
export interface ExpectedLayer {
  /** Of the bytes as they lie in the archive, and how many these are. */
  readonly digest?: string;
  readonly size?: number;
  /** Of the uncompressed tar. */
  readonly diffId?: string;
}

export interface LayerJob {
  readonly source: FileRange;
  /** An empty folder. */
  readonly folder: string;
  /** Where to write the skeleton. */
  readonly skeleton: string;
  readonly expected: ExpectedLayer;
  readonly limits: TarLimits;
  /** Nothing else tells whether it is whole: it must have its end marker. */
  readonly needsEnd: boolean;
}

export interface UnpackedLayer extends UnpackSummary {
  readonly diffId: string;
  /** Bytes of the uncompressed tar. */
  readonly tarSize: number;
}

/**
 * Unpacks a layer into its folder and writes its skeleton. Everything that is expected is verified.
 * @throws invalid naming the digest or the entry; `unavailable` when the disk is full. The folder is then half full.
 */
export async function unpackLayer(job: LayerJob, progress: (bytes: number) => void): Promise<UnpackedLayer> {
  await verifyBlob(job);
  using root = open(job.folder, O.RDONLY | O.DIRECTORY);
  using unpacker = new Unpacker(root);
  const limits = { ...job.limits, bytes: Math.min(job.limits.bytes, roomIn(root)) };
  const first = await recorded(job, (skeleton) => Recorder.unpacking(unpacker, skeleton), limits, progress)
    .catch((error) => {
      throw limits.bytes < job.limits.bytes ? asFullDisk(error) : error;
    });
  const summary = unpacker.finish();
  const { diffId } = job.expected;
  if (diffId !== undefined && diffId !== first.diffId) {
    throw invalid(`the layer ${diffId} has the digest ${first.diffId}`);
  }
  const lost = first.recorder.lost(root);
  if (lost.size > 0) await recordAgain(job, first.recorder, lost, limits);
  return { ...summary, diffId: first.diffId, tarSize: first.tarSize };
}

async function recordAgain(job: LayerJob, first: Recorder, lost: FileNumbers, limits: TarLimits): Promise<void> {
  await Deno.remove(job.skeleton);
  await recorded(job, (skeleton) => Recorder.again(first, skeleton, lost), limits, () => {});
}

async function recorded<S extends TarSink>(
  { source, skeleton, needsEnd }: LayerJob,
  sink: (skeleton: SkeletonWriter) => S,
  limits: TarLimits,
  progress: (bytes: number) => void,
): Promise<{ recorder: S; diffId: string; tarSize: number }> {
  using file = open(skeleton, O.WRONLY | O.CREAT | O.EXCL, { mode: 0o600 });
  const writer = new SkeletonWriter(file);
  const recorder = sink(writer);
  const reader = new TarReader(recorder, limits);
  const hash = createHash("sha256");
  let tarSize = 0;
  for await (const bytes of decompressed(counted(readRange(source), progress))) {
    hash.update(bytes);
    tarSize += bytes.length;
    reader.push(bytes);
  }
  reader.finish({ needsEnd });
  writer.finish();
  return { recorder, diffId: `sha256:${hash.digest("hex")}`, tarSize };
}

async function* counted(source: AsyncIterable<Bytes>, progress: (bytes: number) => void): AsyncGenerator<Bytes> {
  let done = 0;
  for await (const bytes of source) {
    yield bytes;
    progress(done += bytes.length);
  }
}

/** Before anything interprets the bytes: a pass over what is in memory anyway, at 1.4 GB/s. */
async function verifyBlob({ source, expected: { digest, size } }: LayerJob): Promise<void> {
  if (size !== undefined && size !== source.length) {
    throw invalid(`the layer ${digest ?? ""} has ${source.length} bytes instead of ${size}`);
  }
  if (digest === undefined) return;
  const hash = createHash("sha256");
  for await (const bytes of readRange(source)) hash.update(bytes);
  const found = `sha256:${hash.digest("hex")}`;
  if (found !== digest) throw invalid(`the layer ${digest} has the digest ${found}`);
}
