import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ContainerRecord } from "./container_record.ts";

/** The table of containers: one row per record, written whole. */
export class ContainerTable {
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #delete: StatementSync;
  readonly #all: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare("INSERT INTO containers (id, name, image, record) VALUES (?, ?, ?, ?)");
    this.#update = database.prepare("UPDATE containers SET name = ?, record = ? WHERE id = ?");
    this.#delete = database.prepare("DELETE FROM containers WHERE id = ?");
    this.#all = database.prepare("SELECT id, record FROM containers");
  }

  insert(record: ContainerRecord): void {
    this.#insert.run(record.id, record.name, record.imageId, JSON.stringify(record));
  }

  update(record: ContainerRecord): void {
    this.#update.run(record.name, JSON.stringify(record), record.id);
  }

  delete(id: string): void {
    this.#delete.run(id);
  }

  /** All records; a row that cannot be read goes to `damaged` and hinders no other. */
  *load(damaged: (id: string, error: unknown) => void): Generator<ContainerRecord> {
    for (const { id, record } of this.#all.all()) {
      try {
        yield JSON.parse(String(record));
      } catch (error) {
        damaged(String(id), error);
      }
    }
  }
}
