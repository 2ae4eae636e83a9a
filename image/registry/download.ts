import { createHash } from "node:crypto";
import type { Bytes } from "../../base/container_engine.ts";
import { invalid } from "../../base/errors.ts";
import { FileWriter } from "../../fs/file_writer.ts";
import { PassingError } from "./registry_error.ts";
import { withRetries } from "./retry.ts";
import type { RegistrySession } from "./session.ts";

export interface Download {
  readonly digest: string;
  readonly size: number;
  readonly path: string;
  /** The file is there, and grows. */
  readonly onBegin: () => void;
  readonly progress: (bytes: number) => void;
  readonly onWait: (seconds: number) => void;
}

/**
 * Brings a blob into the new file `path`. A broken connection is taken up where it broke; digest and length are checked
 * as the bytes come.
 * @throws invalid when the blob is not what it should be; `unavailable` when it cannot be had, or the disk is full
 */
export async function downloadBlob(session: RegistrySession, job: Download): Promise<void> {
  await using file = await FileWriter.create(job.path, "take in the layer");
  const blob = new BlobFile(file, job);
  job.onBegin();
  const { delay, signal } = session;
  await withRetries({ delay, signal, onWait: job.onWait, achieved: () => blob.length }, async () => {
    await fetchRest(session, blob, job);
  });
  const found = blob.digest();
  if (found === job.digest) return;
  throw invalid(`filesystem layer verification failed for digest ${job.digest}: it is ${found}`);
}

async function fetchRest(session: RegistrySession, blob: BlobFile, { digest, size }: Download): Promise<void> {
  if (blob.length === size && size > 0) return;
  const from = blob.length;
  const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
  const answer = await session.call(session.url(`blobs/${digest}`), { headers, accept: [416], once: true });
  const { response } = answer;
  if (response.status === 416) {
    await response.body?.cancel();
    throw invalid(`the layer ${digest} has ${from} bytes instead of ${size}`);
  }
  // A registry that gives no parts gives the beginning again. That it is the same, the digest will tell.
  let known = from > 0 && !continues(response, from) ? from : 0;
  checkLength(response, digest, size - from + known);
  try {
    for await (const piece of session.pieces(answer)) {
      const fresh = piece.subarray(Math.min(known, piece.length));
      known -= piece.length - fresh.length;
      if (fresh.length > 0) await blob.write(fresh);
    }
  } finally {
    await blob.flush(); // what has come need not come again
  }
  if (blob.length < size) {
    throw new PassingError(`the layer ${digest} broke off after ${blob.length} of ${size} bytes`);
  }
}

function continues(response: Response, from: number): boolean {
  return response.status === 206 && response.headers.get("content-range")?.startsWith(`bytes ${from}-`) === true;
}

/** Before anything is written: a registry that says how much is coming, says whether that is right. */
function checkLength(response: Response, digest: string, expected: number): void {
  const length = response.headers.get("content-length");
  if (length === null || Number(length) === expected) return;
  throw invalid(`the registry has ${length} bytes for the layer ${digest} instead of ${expected}`);
}

/** What has come so far, and its digest. */
class BlobFile {
  readonly #file: FileWriter;
  readonly #job: Download;
  readonly #hash = createHash("sha256");
  #length = 0;

  constructor(file: FileWriter, job: Download) {
    this.#file = file;
    this.#job = job;
  }

  get length(): number {
    return this.#length;
  }

  digest(): string {
    return `sha256:${this.#hash.digest("hex")}`;
  }

  /** @throws invalid when it becomes longer than it should be */
  async write(piece: Bytes): Promise<void> {
    const { digest, size, progress } = this.#job;
    if (this.#length + piece.length > size) throw invalid(`the layer ${digest} has more than its ${size} bytes`);
    this.#hash.update(piece);
    this.#length += piece.length;
    await this.#file.write(piece);
    progress(this.#length);
  }

  async flush(): Promise<void> {
    await this.#file.flush();
  }
}
