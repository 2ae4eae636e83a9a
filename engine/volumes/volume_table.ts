import type { DatabaseSync, StatementSync } from "node:sqlite";
import { readRecords } from "../record_rows.ts";
import type { Reserve } from "../reserve.ts";
import type { VolumeRecord } from "../volume_record.ts";

/** The table of volumes: one row per record, written whole. */
export class VolumeTable {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #all: StatementSync;
  readonly #reserve: Reserve;

  constructor(database: DatabaseSync, reserve: Reserve) {
    this.#database = database;
    this.#reserve = reserve;
    this.#insert = database.prepare("INSERT OR REPLACE INTO volumes (name, record) VALUES (?, ?)");
    this.#delete = database.prepare("DELETE FROM volumes WHERE name = ?");
    this.#all = database.prepare("SELECT name, record FROM volumes ORDER BY name");
  }

  /** Writes the records, in place of those of the same names, and does `change`: all of it or nothing. */
  put(records: readonly VolumeRecord[], change: () => void = () => {}): void {
    this.#transaction(() => {
      for (const record of records) this.#insert.run(record.name, JSON.stringify(record));
      change();
    });
  }

  /** Puts a record in place of one of another name. */
  rename(from: string, record: VolumeRecord): void {
    this.put([record], () => this.#delete.run(from));
  }

  /** What is asked for when the disk is full. */
  delete(name: string): void {
    this.#reserve.spend(() => this.#delete.run(name));
  }

  /** All records; a row that cannot be read goes to `damaged` and hinders no other. */
  load(damaged: (name: string, error: unknown) => void): Generator<VolumeRecord> {
    return readRecords<VolumeRecord>(this.#all, ({ name }, error) => damaged(String(name), error));
  }

  #transaction(change: () => void): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      change();
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK"); // a full disk has done so already
      throw error;
    }
  }
}

export const VOLUME_SCHEMA = `
CREATE TABLE IF NOT EXISTS volumes (
  name TEXT PRIMARY KEY,
  record TEXT NOT NULL
) STRICT;
`;
