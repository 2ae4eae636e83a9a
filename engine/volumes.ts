import type { Bytes, Filters, PruneOptions, Volumes } from "../base/container_engine.ts";
import type { VolumeCreate, VolumeInspect, VolumePruneResult } from "../base/docker/volume.ts";
import { errorClass } from "../base/errors.ts";
import { PlacedFiles } from "./files/placed_files.ts";
import { volumePlace } from "./files/volume_place.ts";
import type { Parts } from "./parts.ts";
import { needingRoom } from "./reserve.ts";
import { exportVolume, importVolume } from "./volumes/archive.ts";
import { cloneVolume } from "./volumes/clone.ts";
import { createVolume } from "./volumes/create.ts";
import { inspectVolume, listVolumes } from "./volumes/inspect.ts";
import { pruneVolumes, removeVolume } from "./volumes/remove.ts";
import { renameVolume } from "./volumes/rename.ts";

/** The engine's `Volumes`: finds the volume, and calls the verb. */
export class EngineVolumes extends PlacedFiles implements Volumes {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    super((name) => volumePlace(parts, parts.volumes.get(name)));
    this.#parts = parts;
  }

  // deno-lint-ignore require-await -- what the verb throws must come as a rejection
  async list(filters: Filters = {}): Promise<VolumeInspect[]> {
    return listVolumes(this.#parts, filters);
  }

  async inspect(name: string, options: { size?: boolean } = {}): Promise<VolumeInspect> {
    return await inspectVolume(this.#parts, this.#parts.volumes.get(name), options);
  }

  async create(config: VolumeCreate): Promise<VolumeInspect> {
    return await inspectVolume(this.#parts, needingRoom(() => createVolume(this.#parts, config)));
  }

  // deno-lint-ignore require-await
  async remove(name: string, { force = false }: { force?: boolean } = {}): Promise<void> {
    try {
      removeVolume(this.#parts, this.#parts.volumes.get(name));
    } catch (error) {
      if (!force || errorClass(error) !== "not_found") throw error;
    }
  }

  async prune(filters: Filters = {}, options: PruneOptions = {}): Promise<VolumePruneResult> {
    return await pruneVolumes(this.#parts, filters, options);
  }

  async rename(name: string, newName: string): Promise<void> {
    await renameVolume(this.#parts, this.#parts.volumes.get(name), newName);
  }

  async clone(name: string, newName: string): Promise<VolumeInspect> {
    const { volumes } = this.#parts;
    const clone = await needingRoom(() => cloneVolume(this.#parts, volumes.get(name), newName));
    return await inspectVolume(this.#parts, clone);
  }

  // deno-lint-ignore require-await
  async export(name: string): Promise<ReadableStream<Bytes>> {
    return exportVolume(this.#parts, this.#parts.volumes.get(name));
  }

  async import(name: string, tar: ReadableStream<Bytes>): Promise<void> {
    await needingRoom(() => importVolume(this.#parts, name, tar));
  }
}
