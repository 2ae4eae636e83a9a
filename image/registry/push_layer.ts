/** One layer into a registry, in the cheapest way that there is. */
import { working } from "../../fs/staging.ts";
import type { LayerRow } from "../catalog.ts";
import type { Shelf } from "../shelf.ts";
import type { BlobCatalog, LayerBlob } from "./blob_catalog.ts";
import { packLayer } from "./pack_layer.ts";
import { seldom } from "./seldom.ts";
import type { RegistrySession } from "./session.ts";
import type { Tell } from "./shared_work.ts";
import { shortDigest } from "./transfers.ts";
import { hasBlob, mountBlob, uploadBlob } from "./upload.ts";

export interface PushedLayer {
  readonly digest: string;
  readonly size: number;
  readonly compression: "gzip" | "zstd" | "";
}

/** Repositories from which a mount is tried: each try is a request. */
const MOST_MOUNTS = 4;

export class LayerPush {
  readonly #shelf: Shelf;
  readonly #blobs: BlobCatalog;
  readonly #tell: Tell;
  /** Where to: registry and repository. */
  readonly #target: string;

  constructor(shelf: Shelf, blobs: BlobCatalog, tell: Tell, target: string) {
    this.#shelf = shelf;
    this.#blobs = blobs;
    this.#tell = tell;
    this.#target = target;
  }

  /** Tells that it will be its turn. */
  announce(layer: LayerRow): void {
    this.#status(layer, "Preparing");
  }

  async layer(session: RegistrySession, layer: LayerRow): Promise<PushedLayer> {
    return await this.#found(session, layer) ?? await this.#mounted(session, layer) ?? await this.#sent(session, layer);
  }

  /** What the repository has already: as one of the blobs that are known to be this layer. */
  async #found(session: RegistrySession, layer: LayerRow): Promise<PushedLayer | undefined> {
    const digests = new Set<string>();
    for (const blob of this.#known(layer)) {
      if (digests.has(blob.digest)) continue;
      digests.add(blob.digest);
      if (await hasBlob(session, blob.digest)) return this.#done(layer, blob, "Layer already exists");
      if (blob.source === this.#target) this.#blobs.forget(layer.diffId, blob);
    }
    return undefined;
  }

  async #mounted(session: RegistrySession, layer: LayerRow): Promise<PushedLayer | undefined> {
    const registry = this.#target.slice(0, this.#target.indexOf("/") + 1);
    const elsewhere = this.#known(layer).filter(({ source }) => source.startsWith(registry) && source !== this.#target);
    for (const blob of elsewhere.slice(0, MOST_MOUNTS)) {
      const from = blob.source.slice(registry.length);
      if (await mountBlob(session, blob.digest, from)) return this.#done(layer, blob, `Mounted from ${from}`);
    }
    return undefined;
  }

  async #sent(session: RegistrySession, layer: LayerRow): Promise<PushedLayer> {
    const path = `${this.#shelf.root}/staging/blob-${crypto.randomUUID()}`;
    await using undo = new AsyncDisposableStack();
    undo.use(working(path));
    undo.defer(() => Deno.remove(path).catch(() => {}));
    const show = (status: string, total: number) =>
      seldom((current) => this.#status(layer, status, { current, total }));
    const packing = show("Preparing", layer.tarSize);
    const packed = await packLayer(this.#shelf, layer, path, packing, session.signal);
    const blob = { ...packed, mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip", source: this.#target };
    if (await hasBlob(session, packed.digest)) return this.#done(layer, blob, "Layer already exists");
    await uploadBlob(session, { ...packed, path }, show("Pushing", packed.size));
    return this.#done(layer, blob, "Pushed");
  }

  #known({ diffId }: LayerRow): LayerBlob[] {
    return this.#blobs.of(diffId);
  }

  #done(layer: LayerRow, blob: LayerBlob, status: string): PushedLayer {
    this.#blobs.note(layer.diffId, { ...blob, source: this.#target });
    this.#status(layer, status);
    const { digest, size, mediaType } = blob;
    const compression = /[.+]zstd$/.test(mediaType) ? "zstd" : /[.+]gzip$/.test(mediaType) ? "gzip" : "";
    return { digest, size, compression };
  }

  #status({ diffId }: LayerRow, status: string, progressDetail: { current?: number; total?: number } = {}): void {
    this.#tell({ status, progressDetail, id: shortDigest(diffId) });
  }
}
