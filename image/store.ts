/**
 * The images of an engine. An image is a configuration and a stack of layers; each layer is unpacked once, into a folder
 * of its own, and shared by all images that have it.
 */
import type {
  Bytes,
  CheckOptions,
  Filters,
  ImageImportOptions,
  ImageListOptions,
  ImageLoadOptions,
  ImagePullOptions,
  ImagePushOptions,
  ImageRemoveOptions,
  Images,
  ImageSearchOptions,
  PruneOptions,
  RegistryAuth,
  TarFile,
} from "../base/container_engine.ts";
import type {
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImagePruneResult,
  ImageSearchResult,
  ImageSummary,
  ProgressMessage,
  RegistryLogin,
} from "../base/docker/image.ts";
import { commitImage, type ImageCommit } from "./commit.ts";
import type { Fault } from "../base/fault.ts";
import { imageFaults } from "./check.ts";
import { type DamageOptions, layerDamage } from "./damage.ts";
import { configOf, findImage } from "./find.ts";
import type { ImageConfig } from "./image_config.ts";
import { importImage } from "./import.ts";
import { imageHistory, inspectImage } from "./inspect.ts";
import { listImages, sum } from "./list.ts";
import { loadImages } from "./load.ts";
import { pruneImages } from "./prune.ts";
import { pullImage } from "./pull.ts";
import { pushImage } from "./push.ts";
import { BlobCatalog } from "./registry/blob_catalog.ts";
import { loginTo } from "./registry/login.ts";
import { Registries } from "./registry/registries.ts";
import { searchImages } from "./registry/search.ts";
import { removeImage } from "./remove.ts";
import { saveImages } from "./save.ts";
import { type ImageStoreOptions, Shelf } from "./shelf.ts";
import { tagImage } from "./tag.ts";

/** What a container is made from. */
export interface StoredImage {
  /** `sha256:…` */
  readonly id: string;
  /** Names of folders in `layers/`, the topmost first; at least one, none twice. */
  readonly layers: readonly string[];
  readonly config: ImageConfig;
  readonly architecture: string;
  /** Bytes of all its layers. */
  readonly size: number;
  /** It has lost layers, and nothing can be run of it. */
  readonly incomplete?: boolean;
  /** The built-in image: below its layers comes the host's own root. */
  readonly host?: true;
}

export class ImageStore implements Images, Disposable {
  readonly #shelf: Shelf;
  readonly #registries: Registries;

  /** Opens the store of a state folder whose database has the tables of schema.ts, and clears what a crash left. */
  constructor(options: ImageStoreOptions) {
    this.#shelf = new Shelf(options);
    const blobs = new BlobCatalog(options.database, options.spend);
    this.#registries = new Registries(this.#shelf, blobs, options.registries);
  }

  [Symbol.dispose](): void {
    this.#shelf[Symbol.dispose]();
  }

  /** The image of a name, an id or the first digits of one; undefined when there is none. */
  resolve(nameOrId: string): StoredImage | undefined {
    const { catalog, host } = this.#shelf;
    const id = findImage(this.#shelf, nameOrId);
    if (id === undefined) return undefined;
    const config = configOf(this.#shelf, id);
    const rows = catalog.layersOf(id);
    const incomplete = rows.length < config.rootfs.diff_ids.length;
    const common = { id, config, architecture: config.architecture, size: sum(rows), ...incomplete && { incomplete } };
    if (id === host.id) return { ...common, layers: [host.mask], host: true };
    const layers: string[] = [];
    for (const { name, hidesLower } of rows.toReversed()) {
      // Overlay refuses a folder that is given twice (ELOOP); what the lower one has, the upper one shows already.
      if (!layers.includes(name)) layers.push(name);
      if (hidesLower) break;
    }
    return { ...common, layers: layers.length > 0 ? layers : [host.empty] };
  }

  /** Makes an image of a container's changes: its id, and its name as it is shown (empty: none). */
  commit(commit: ImageCommit): Promise<{ id: string; name: string }> {
    return commitImage(this.#shelf, commit);
  }

  /** Bytes of all layers, each counted once. */
  layersSize(): number {
    return sum(this.#shelf.catalog.layers());
  }

  /** Whether there is an image of this id, be it a damaged one. */
  has(id: string): boolean {
    const { catalog, host } = this.#shelf;
    return id === host.id || catalog.has(id);
  }

  /** How many images and layers there are; the built-in image is none of them. */
  counts(): { images: number; layers: number } {
    const { catalog } = this.#shelf;
    return { images: catalog.ids().length, layers: catalog.layers().length };
  }

  /** What of the images and layers is not as it must be. */
  faults(options: Pick<CheckOptions, "digests">): Iterable<Fault> {
    return imageFaults(this.#shelf, options);
  }

  /** The layers whose files are not what they were: all of them are read. */
  damage(options: DamageOptions): AsyncIterable<Fault> {
    return layerDamage(this.#shelf, options);
  }

  // deno-lint-ignore require-await -- what these throw, they reject with
  async list(options?: ImageListOptions): Promise<ImageSummary[]> {
    return listImages(this.#shelf, options);
  }

  // deno-lint-ignore require-await
  async inspect(name: string): Promise<ImageInspect> {
    return inspectImage(this.#shelf, name);
  }

  // deno-lint-ignore require-await
  async history(name: string): Promise<ImageHistoryItem[]> {
    return imageHistory(this.#shelf, name);
  }

  // deno-lint-ignore require-await
  async tag(name: string, reference: string): Promise<void> {
    tagImage(this.#shelf, name, reference);
  }

  // deno-lint-ignore require-await
  async remove(name: string, options?: ImageRemoveOptions): Promise<ImageDeleteItem[]> {
    return removeImage(this.#shelf, name, options);
  }

  // deno-lint-ignore require-await
  async prune(filters?: Filters, options?: PruneOptions): Promise<ImagePruneResult> {
    return pruneImages(this.#shelf, filters, options);
  }

  load(
    tar: ReadableStream<Bytes> | TarFile,
    options?: ImageLoadOptions,
  ): AsyncIterable<ProgressMessage> {
    return loadImages(this.#shelf, tar, options);
  }

  import(tar: ReadableStream<Bytes> | TarFile, options?: ImageImportOptions): AsyncIterable<ProgressMessage> {
    return importImage(this.#shelf, tar, options);
  }

  // deno-lint-ignore require-await
  async save(names: readonly string[]): Promise<ReadableStream<Bytes>> {
    return saveImages(this.#shelf, names);
  }

  pull(reference: string, options?: ImagePullOptions): AsyncIterable<ProgressMessage> {
    return pullImage(this.#shelf, this.#registries, reference, options);
  }

  push(reference: string, options?: ImagePushOptions): AsyncIterable<ProgressMessage> {
    return pushImage(this.#shelf, this.#registries, reference, options);
  }

  search(term: string, options?: ImageSearchOptions): Promise<ImageSearchResult[]> {
    return searchImages(this.#registries.settings, term, options);
  }

  login(auth: RegistryAuth): Promise<RegistryLogin> {
    return loginTo(this.#registries.settings, auth);
  }
}
