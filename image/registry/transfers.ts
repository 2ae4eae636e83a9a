/** Layers on their way from registries into the store: each once, whoever asks for it. */
import { describeError, EngineError, errorClass, invalid } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import { working } from "../../fs/staging.ts";
import type { UnpackedLayer } from "../../fs/unpack_layer.ts";
import type { Shelf } from "../shelf.ts";
import { Unpackers } from "../unpackers.ts";
import { downloadBlob } from "./download.ts";
import type { RemoteLayer } from "./manifest.ts";
import { seldom } from "./seldom.ts";
import type { RegistrySession } from "./session.ts";
import { SharedWork, type Tell } from "./shared_work.ts";
import { Slots } from "./slots.ts";

/** Downloads at once, as Docker has it. */
const AT_ONCE = 3;

/** The digits by which a blob is shown. */
export function shortDigest(digest: string): string {
  return digest.slice("sha256:".length).slice(0, 12);
}

export class LayerTransfers {
  readonly #shelf: Shelf;
  readonly #running = new Map<string, SharedWork<UnpackedLayer>>();
  readonly #slots = new Slots(AT_ONCE);
  #unpackers: Unpackers | undefined;

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
  }

  /** Brings a layer in and enters it. Its diffID must be held. @throws invalid naming it when it is another */
  async fetch(session: RegistrySession, layer: RemoteLayer, tell: Tell, signal: AbortSignal): Promise<void> {
    const unpacked = await this.#work(session, layer).wait(tell, signal);
    if (unpacked.diffId === layer.diffId) return;
    throw invalid(`the layer ${layer.digest} unpacks to ${unpacked.diffId} instead of ${layer.diffId}`);
  }

  #work(session: RegistrySession, layer: RemoteLayer): SharedWork<UnpackedLayer> {
    const key = layer.digest;
    const known = this.#running.get(key);
    if (known !== undefined && !known.abandoned) return known;
    const work: SharedWork<UnpackedLayer> = new SharedWork(async (tell, signal) => {
      try {
        return await this.#bring(session, layer, tell, signal);
      } finally {
        if (this.#running.get(key) === work) this.#running.delete(key);
        if (this.#running.size === 0) this.#closeUnpackers();
      }
    });
    this.#running.set(key, work);
    return work;
  }

  async #bring(
    session: RegistrySession,
    layer: RemoteLayer,
    tell: Tell,
    signal: AbortSignal,
  ): Promise<UnpackedLayer> {
    const { digest, size } = layer;
    const id = shortDigest(digest);
    const status = (text: string) => tell({ status: text, progressDetail: {}, id });
    const path = `${this.#shelf.root}/staging/blob-${crypto.randomUUID()}`;
    await using undo = new AsyncDisposableStack();
    undo.use(working(path));
    undo.defer(() => removeIfThere(path));
    using own = session.until(signal); // whoever was first may leave before the others
    const begun = Promise.withResolvers<void>();
    const downloading = this.#slots.run(async () => {
      signal.throwIfAborted();
      const progress = seldom((current) => {
        tell({ status: "Downloading", progressDetail: { current, total: size }, id });
      });
      const onWait = (seconds: number) => status(`Retrying in ${seconds} second${seconds === 1 ? "" : "s"}`);
      await downloadBlob(own, { digest, size, path, progress, onWait, onBegin: begun.resolve });
      failpoint("pull.downloaded");
      status("Verifying Checksum");
      status("Download complete");
    }, () => status("Waiting"));
    downloading.catch(() => removeIfThere(path)); // whoever reads it waits no longer
    await Promise.race([begun.promise, downloading]);
    return await this.#unpack(layer, path, downloading, tell, signal);
  }

  /** Unpacks what comes, as it comes. It counts when the download has ended well: then its digest was right. */
  async #unpack(
    layer: RemoteLayer,
    path: string,
    downloading: Promise<void>,
    tell: Tell,
    signal: AbortSignal,
  ): Promise<UnpackedLayer> {
    const { folders, limits } = this.#shelf;
    const [total, id] = [layer.size, shortDigest(layer.digest)];
    const staged = folders.stage();
    using undo = new DisposableStack();
    undo.defer(() => folders.drop(staged));
    let whole = false;
    downloading.then(() => whole = true, () => {});
    const extracting = seldom((current) => tell({ status: "Extracting", progressDetail: { current, total }, id }));
    const progress = (current: number) => whole && extracting(current);
    const source = { path, offset: 0, length: total, growing: true };
    // The digest of the blob was seen on its way; the diffID is compared by each who waits.
    const job = { source, folder: staged.folder, skeleton: staged.skeleton, expected: {}, limits, needsEnd: false };
    const unpacked = await this.#workers().unpack(job, { progress, signal }).catch(async (error: unknown) => {
      await downloading; // that another blob came explains more
      signal.throwIfAborted();
      throw new EngineError(errorClass(error), `failed to register layer ${layer.digest}: ${describeError(error)}`);
    });
    await downloading;
    tell({ status: "Extracting", progressDetail: { current: total, total }, id });
    failpoint("pull.unpacked");
    this.#shelf.enter(staged, unpacked);
    failpoint("pull.layer");
    undo.move();
    tell({ status: "Pull complete", progressDetail: {}, id });
    return unpacked;
  }

  #workers(): Unpackers {
    return this.#unpackers ??= new Unpackers(this.#shelf.spareWorkers, { alone: false });
  }

  #closeUnpackers(): void {
    this.#unpackers?.[Symbol.dispose]();
    this.#unpackers = undefined;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
