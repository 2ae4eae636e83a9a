/** Volumes that only pretend: names in a map, no folder anywhere. */
import type { Bytes, Files, Filters, Volumes } from "../base/container_engine.ts";
import type { VolumeCreate, VolumeInspect, VolumePruneResult } from "../base/docker/volume.ts";
import { conflict, notFound } from "../base/errors.ts";

import { MemoryFiles } from "./memory_files_test_support.ts";

export class MemoryVolumes implements Volumes {
  readonly byName = new Map<string, VolumeInspect>();
  /** What each volume was created with. */
  readonly created: VolumeCreate[] = [];
  /** What was imported, by volume. */
  readonly imported = new Map<string, string>();
  /** What the last call was given beside a name. */
  asked: unknown;

  readonly files: MemoryFiles = new MemoryFiles();
  readonly #ofVolume: Files = this.files.of((name) => this.#find(name).Name);
  readonly statPath = this.#ofVolume.statPath;
  readonly getArchive = this.#ofVolume.getArchive;
  readonly putArchive = this.#ofVolume.putArchive;
  readonly findPaths = this.#ofVolume.findPaths;

  list(filters: Filters = {}): Promise<VolumeInspect[]> {
    this.asked = filters;
    return Promise.resolve([...this.byName.values()]);
  }

  async inspect(name: string, { size = false }: { size?: boolean } = {}): Promise<VolumeInspect> {
    return await { ...this.#find(name), ...size && { UsageData: { RefCount: 0, Size: 1 } } };
  }

  async create(config: VolumeCreate): Promise<VolumeInspect> {
    this.created.push(config);
    return await this.#add(config.Name || "anonymous", config.Labels ?? null);
  }

  async remove(name: string, { force = false }: { force?: boolean } = {}): Promise<void> {
    await null;
    if (name === "used") throw conflict("remove used: volume is in use - [abc]");
    if (!this.byName.delete(name) && !force) throw notFound(`get ${name}: no such volume`);
  }

  prune(filters: Filters = {}, options: { dryRun?: boolean } = {}): Promise<VolumePruneResult> {
    this.asked = { filters, ...options };
    return Promise.resolve({ VolumesDeleted: [...this.byName.keys()], SpaceReclaimed: 1234 });
  }

  async rename(name: string, newName: string): Promise<void> {
    const { Labels } = await this.#find(name);
    this.byName.delete(name);
    this.#add(newName, Labels);
  }

  async clone(name: string, newName: string): Promise<VolumeInspect> {
    return await this.#add(newName, this.#find(name).Labels);
  }

  async export(name: string): Promise<ReadableStream<Bytes>> {
    const { Name } = await this.#find(name);
    return ReadableStream.from([new TextEncoder().encode(`tar of ${Name}`)]);
  }

  async import(name: string, tar: ReadableStream<Bytes>): Promise<void> {
    let text = "";
    for await (const bytes of tar) text += new TextDecoder().decode(bytes);
    this.imported.set(name, text);
  }

  #find(name: string): VolumeInspect {
    const found = this.byName.get(name);
    if (found === undefined) throw notFound(`get ${name}: no such volume`);
    return found;
  }

  #add(Name: string, Labels: Record<string, string> | null): VolumeInspect {
    const fixed = { CreatedAt: "2026-01-02T03:04:05Z", Driver: "local", Options: null, Scope: "local" } as const;
    const volume = { ...fixed, Name, Labels, Mountpoint: `/volumes/${Name}/_data` };
    this.byName.set(Name, volume);
    return volume;
  }
}
