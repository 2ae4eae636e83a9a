import type { DatabaseSync, StatementSync } from "node:sqlite";
import { internal } from "../base/errors.ts";
import type { ContainerRecord } from "./container_record.ts";
import { readRecords, type RecordRow } from "./record_rows.ts";
import type { Reserve } from "./reserve.ts";

/** The table of containers: one row per record, written whole. A full disk hinders new containers only. */
export class ContainerTable {
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #delete: StatementSync;
  readonly #all: StatementSync;
  readonly #reserve: Reserve;

  constructor(database: DatabaseSync, reserve: Reserve) {
    this.#reserve = reserve;
    this.#insert = database.prepare("INSERT INTO containers (id, name, image, record) VALUES (?, ?, ?, ?)");
    this.#update = database.prepare("UPDATE containers SET name = ?, record = ? WHERE id = ?");
    this.#delete = database.prepare("DELETE FROM containers WHERE id = ?");
    this.#all = database.prepare("SELECT id, name, record FROM containers");
  }

  insert(record: ContainerRecord): void {
    this.#insert.run(record.id, record.name, record.imageId, JSON.stringify(record));
  }

  update(record: ContainerRecord): void {
    this.#reserve.spend(() => this.#update.run(record.name, JSON.stringify(record), record.id));
  }

  delete(id: string): void {
    this.#reserve.spend(() => this.#delete.run(id));
    this.#reserve.fill();
  }

  /** All records; a row that cannot be read goes to `damaged` and hinders no other. */
  load(damaged: (id: string, name: string, error: unknown) => void): Generator<ContainerRecord> {
    const told = ({ id, name }: RecordRow, error: unknown) => damaged(String(id), String(name), error);
    return readRecords<ContainerRecord>(this.#all, told, checkedRecord);
  }
}

/** A look at what every part of the engine relies on: a record is written whole, so one that has this has the rest. */
function checkedRecord({ id }: RecordRow, record: ContainerRecord): ContainerRecord {
  const { config, hostConfig, state }: Partial<ContainerRecord> = record ?? {};
  if (record?.id !== id || !config || !hostConfig || typeof state?.status !== "string") {
    throw internal(`the row of container ${id} holds something else`);
  }
  return record;
}
