import { invalid } from "../base/errors.ts";
import { type TarLimits, TarReader } from "../base/tar/reader.ts";
import { O, open } from "../sys/open.ts";
import type { FileRange } from "./file_range.ts";
import { asFullDisk, roomIn } from "./free_space.ts";
import { FedBytes, type LayerBytes, ReadBytes, verifyBlob } from "./layer_bytes.ts";
import { type FileNumbers, MadeFiles } from "./made_files.ts";
import { Recorder } from "./record.ts";
import type { Ring } from "./ring.ts";
import { TeeSink } from "./tee_sink.ts";
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
  using recorder = new Recorder(job.skeleton);
  return await unpackBytes(job, new ReadBytes(job.source, progress), recorder);
}

/**
 * The other half of it: here the files are made, while another thread feeds the ring and writes the skeleton
 * (`feedLayer`). @throws as `unpackLayer`
 */
export async function unpackFed(job: LayerJob, ring: Ring): Promise<UnpackedLayer> {
  try {
    return await unpackBytes(job, new FedBytes(ring));
  } catch (error) {
    ring.fail("reader");
    throw error;
  }
}

async function unpackBytes(job: LayerJob, bytes: LayerBytes, recorder?: Recorder): Promise<UnpackedLayer> {
  using root = open(job.folder, O.RDONLY | O.DIRECTORY);
  const made = new MadeFiles();
  using unpacker = new Unpacker(root, { made });
  const limits = { ...job.limits, bytes: Math.min(job.limits.bytes, roomIn(root)) };
  const reader = new TarReader(recorder === undefined ? unpacker : new TeeSink(unpacker, recorder), limits);
  const tarSize = await readAll(reader, bytes, job).catch((error) => {
    throw limits.bytes < job.limits.bytes ? asFullDisk(error) : error;
  });
  recorder?.finish();
  const summary = unpacker.finish();
  const { expected: { diffId = bytes.diffId } } = job;
  if (diffId !== bytes.diffId) throw invalid(`the layer ${diffId} has the digest ${bytes.diffId}`);
  if (unpacker.hasRemoved) await takeIn(job, made.lost(root), diffId);
  return { ...summary, diffId, tarSize };
}

/** Writes the skeleton again, if files are not at their path any more: it must hold their data. */
async function takeIn(job: LayerJob, lost: FileNumbers, diffId: string): Promise<void> {
  if (lost.size === 0) return;
  await Deno.remove(job.skeleton);
  using recorder = new Recorder(job.skeleton, lost);
  const again = new ReadBytes(job.source);
  await readAll(new TarReader(recorder, job.limits), again, job);
  recorder.finish();
  // The file may be the caller's.
  if (again.diffId !== diffId) throw invalid(`the layer ${diffId} was changed while it was unpacked`);
}

/** Has all bytes read, and says how many these are. */
async function readAll(reader: TarReader, bytes: LayerBytes, { needsEnd }: LayerJob): Promise<number> {
  let size = 0;
  for await (const piece of bytes.pieces()) {
    size += piece.length;
    reader.push(piece);
  }
  reader.finish({ needsEnd });
  return size;
}
