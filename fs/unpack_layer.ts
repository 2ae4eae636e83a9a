import { invalid } from "../base/errors.ts";
import { O, open } from "../sys/open.ts";
import { asFullDisk, roomIn } from "./free_space.ts";
import type { FileRange } from "./file_range.ts";
import { FedBytes, type LayerBytes, ReadBytes, verifyBlob } from "./layer_bytes.ts";
import { Recorder } from "./record.ts";
import type { Ring } from "./ring.ts";
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
  return await unpackBytes(job, new ReadBytes(job.source, progress));
}

/** The other half of it: here the files are made, while another thread feeds the ring (`feedLayer`). @throws as `unpackLayer` */
export async function unpackFed(job: LayerJob, ring: Ring): Promise<UnpackedLayer> {
  try {
    return await unpackBytes(job, new FedBytes(ring));
  } catch (error) {
    ring.fail("reader");
    throw error;
  }
}

async function unpackBytes(job: LayerJob, bytes: LayerBytes): Promise<UnpackedLayer> {
  using root = open(job.folder, O.RDONLY | O.DIRECTORY);
  using unpacker = new Unpacker(root);
  const limits = { ...job.limits, bytes: Math.min(job.limits.bytes, roomIn(root)) };
  const { recorder, tarSize } = await recorded(job, bytes, limits, (skeleton) => Recorder.unpacking(unpacker, skeleton))
    .catch((error) => {
      throw limits.bytes < job.limits.bytes ? asFullDisk(error) : error;
    });
  const summary = unpacker.finish();
  const { expected: { diffId = bytes.diffId } } = job;
  if (diffId !== bytes.diffId) throw invalid(`the layer ${diffId} has the digest ${bytes.diffId}`);
  const lost = recorder.lost(root);
  if (lost.size > 0) {
    await Deno.remove(job.skeleton);
    const again = new ReadBytes(job.source);
    await recorded(job, again, limits, (skeleton) => Recorder.again(recorder, skeleton, lost));
    // The file may be the caller's.
    if (again.diffId !== diffId) throw invalid(`the layer ${diffId} was changed while it was unpacked`);
  }
  return { ...summary, diffId, tarSize };
}

async function recorded<S extends TarSink>(
  { skeleton, needsEnd }: LayerJob,
  bytes: LayerBytes,
  limits: TarLimits,
  sink: (skeleton: SkeletonWriter) => S,
): Promise<{ recorder: S; tarSize: number }> {
  using file = open(skeleton, O.WRONLY | O.CREAT | O.EXCL, { mode: 0o600 });
  const writer = new SkeletonWriter(file);
  const recorder = sink(writer);
  const reader = new TarReader(recorder, limits);
  let tarSize = 0;
  for await (const piece of bytes.pieces()) {
    tarSize += piece.length;
    reader.push(piece);
  }
  reader.finish({ needsEnd });
  writer.finish();
  return { recorder, tarSize };
}
