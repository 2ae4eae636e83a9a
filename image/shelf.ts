import type { DatabaseSync } from "node:sqlite";
import { conflict } from "../base/errors.ts";
import { failpoint } from "../base/failpoint.ts";
import { fileExists } from "../base/file_exists.ts";
import { LayerFolders, type StagedLayer } from "../fs/layers.ts";
import { sweepFolder } from "../fs/sweep.ts";
import type { TarLimits } from "../base/tar/reader.ts";
import type { UnpackedLayer } from "../fs/unpack_layer.ts";
import { Catalog, type LayerRow } from "./catalog.ts";
import { type HostImage, openHostImage } from "./host_image.ts";
import type { RegistrySettings } from "./registry/endpoint.ts";
import { SpareWorkers } from "./spare_workers.ts";

/** A container that was made from an image. */
export interface ImageUser {
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
}

export interface ImageStoreOptions {
  readonly database: DatabaseSync;
  /** Does a change of the database with what is kept for the case that the disk is full. */
  readonly spend?: <T>(change: () => T) => T;
  /** The state folder, of which this store is the only user. */
  readonly root: string;
  /** Hidden from the containers of the image `host`, as `root` is. */
  readonly runDir?: string;
  readonly usedBy: (imageId: string) => readonly ImageUser[];
  readonly emit: (action: string, imageId: string, name: string) => void;
  /** How large a layer may be; the free space limits it too. */
  readonly limits?: Partial<TarLimits>;
  /** How registries are reached. */
  readonly registries?: Partial<RegistrySettings>;
}

const LIMITS: TarLimits = { bytes: 128 * 2 ** 30, apparentBytes: 2 ** 40, entries: 5_000_000 };

/** What the verbs of the image store work with. */
export class Shelf implements Disposable {
  readonly root: string;
  readonly catalog: Catalog;
  readonly folders: LayerFolders;
  readonly host: HostImage;
  readonly usedBy: ImageStoreOptions["usedBy"];
  readonly emit: ImageStoreOptions["emit"];
  readonly limits: TarLimits;
  readonly spareWorkers = new SpareWorkers();
  /** Layers that must stay although no image has them: a load will use them, a save reads them. */
  readonly #held = new Map<string, number>();

  /** Opens the store, and takes away the layers that an engine left which died before it could enter them. */
  constructor({ database, spend, root, runDir, usedBy, emit, limits }: ImageStoreOptions) {
    this.root = root;
    this.catalog = new Catalog(database, spend);
    this.folders = new LayerFolders(root);
    this.usedBy = usedBy;
    this.emit = emit;
    this.limits = { ...LIMITS, ...limits };
    this.collect();
    const known = new Set([...this.catalog.layers().map(({ name }) => name), ...this.catalog.madeLayers().values()]);
    for (const folder of ["layers", "skeletons"]) sweepFolder(root, folder, known);
    this.host = openHostImage(this.catalog, this.folders, [root, ...runDir === undefined ? [] : [runDir]]);
  }

  [Symbol.dispose](): void {
    this.spareWorkers[Symbol.dispose]();
  }

  /** Keeps layers from being collected until it is disposed of. */
  hold(diffIds: readonly string[]): Disposable {
    const count = (by: number) => {
      for (const diffId of diffIds) {
        const holders = (this.#held.get(diffId) ?? 0) + by;
        if (holders > 0) this.#held.set(diffId, holders);
        else this.#held.delete(diffId);
      }
    };
    count(1);
    using held = new DisposableStack();
    held.defer(() => count(-1));
    return held.move(); // counts down once, however often it is disposed of
  }

  /** Whether a layer is here, and whole as far as is known: one that is not has to be brought in again. */
  has(diffId: string): boolean {
    const { catalog, folders } = this;
    const row = catalog.layer(diffId);
    return row !== undefined && !catalog.isDamaged(diffId) &&
      fileExists(folders.folder(row.name)) && fileExists(folders.skeleton(row.name));
  }

  /**
   * Enters a layer that is unpacked, unless another load was faster. Until an image has it, it must be held.
   * @throws `conflict` when it would take the place of a damaged one that containers are running on
   */
  enter(staged: StagedLayer, { diffId, size, tarSize, hidesLower }: UnpackedLayer): void {
    const { catalog, folders } = this;
    if (this.has(diffId)) return folders.drop(staged);
    const damaged = catalog.layer(diffId);
    if (damaged !== undefined) this.#refuseRunning(diffId);
    folders.keep(staged);
    const row = { diffId, name: staged.name, size, tarSize, hidesLower };
    if (damaged === undefined) return catalog.putLayer(row);
    catalog.transaction(() => catalog.moveLayer(row));
    folders.remove(damaged.name);
  }

  #refuseRunning(diffId: string): void {
    const users = this.catalog.imagesWith(diffId).flatMap((image) => this.usedBy(image)).filter((user) => user.running);
    if (users.length === 0) return;
    const names = users.map(({ name }) => name).join(", ");
    throw conflict(`the layer ${diffId} is damaged, and containers run on it: stop ${names}, and try again`);
  }

  /** The layers that no image has, and nobody holds. */
  unused(): LayerRow[] {
    return this.catalog.unusedLayers().filter(({ diffId }) => !this.#held.has(diffId));
  }

  /** Removes the layers that no image has, and says which. Their rows go first: a crash leaves folders, not holes. */
  collect(): { diffId: string; size: number }[] {
    const unused = this.unused();
    this.catalog.transaction(() => {
      for (const { diffId } of unused) this.catalog.deleteLayer(diffId);
    });
    if (unused.length > 0) failpoint("collect.rows");
    for (const { name } of unused) this.folders.remove(name);
    return unused;
  }
}
