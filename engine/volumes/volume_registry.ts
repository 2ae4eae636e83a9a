import { conflict, notFound } from "../../base/errors.ts";
import type { VolumeRecord } from "../volume_record.ts";
import { Volume } from "./volume.ts";
import type { VolumeTable } from "./volume_table.ts";

/** All volumes, on disk and in memory, those that are being made included. */
export class VolumeRegistry implements Iterable<Volume> {
  readonly #table: VolumeTable;
  readonly #byName = new Map<string, Volume>();
  /** Rows that cannot be read: their folders are left to whoever can mend them. */
  readonly damaged: ReadonlyMap<string, unknown>;

  constructor(table: VolumeTable) {
    this.#table = table;
    const damaged = new Map<string, unknown>();
    for (const record of table.load((name, error) => damaged.set(name, error))) {
      this.#byName.set(record.name, new Volume(record, true));
    }
    this.damaged = damaged;
  }

  [Symbol.iterator](): Iterator<Volume> {
    return this.#byName.values();
  }

  get size(): number {
    return this.#byName.size;
  }

  /** @throws `not_found` with Docker's sentence */
  get(name: string): Volume {
    const found = this.find(name);
    if (found === undefined) throw notFound(`get ${name}: no such volume`);
    return found;
  }

  find(name: string): Volume | undefined {
    return this.#byName.get(name);
  }

  /** In memory only, until it is {@link store}d. @throws `conflict` for a name that is taken */
  add(record: VolumeRecord): Volume {
    if (this.#byName.has(record.name) || this.damaged.has(record.name)) {
      throw conflict(`a volume named ${record.name} already exists`);
    }
    const volume = new Volume(record, false);
    this.#byName.set(record.name, volume);
    return volume;
  }

  /** Puts those on disk that are not there yet, and does `change` with it: all or nothing. Gives those that were new. */
  store(volumes: Iterable<Volume>, change?: () => void): Volume[] {
    const added = [...volumes].filter(({ stored }) => !stored);
    this.#table.put(added.map(({ record }) => record), change);
    for (const volume of added) volume.stored = true;
    return added;
  }

  /** Puts the record on disk as it is here. */
  restore(volume: Volume): void {
    this.#table.put([volume.record]);
  }

  /** The records as they are on disk; a row that cannot be read goes to `damaged`. */
  onDisk(damaged: (name: string, error: unknown) => void): Iterable<VolumeRecord> {
    return this.#table.load(damaged);
  }

  /** Changes the record of a volume, on disk first. */
  change(volume: Volume, record: VolumeRecord): void {
    if (volume.stored) {
      if (record.name === volume.name) this.#table.put([record]);
      else this.#table.rename(volume.name, record);
    }
    this.#byName.delete(volume.name);
    volume.record = record;
    this.#byName.set(record.name, volume);
  }

  delete(volume: Volume): void {
    if (volume.stored) this.#table.delete(volume.name);
    volume.stored = false;
    this.#byName.delete(volume.name);
  }
}
