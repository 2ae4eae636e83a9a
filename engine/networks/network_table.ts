import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { NetworkRecord } from "../network_record.ts";
import { readRecords, type RecordRow } from "../record_rows.ts";
import type { Reserve } from "../reserve.ts";

/** The table of networks: one row per record, written whole. */
export class NetworkTable {
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;
  readonly #all: StatementSync;
  readonly #reserve: Reserve;

  constructor(database: DatabaseSync, reserve: Reserve) {
    this.#reserve = reserve;
    this.#insert = database.prepare("INSERT OR REPLACE INTO networks (id, name, record) VALUES (?, ?, ?)");
    this.#delete = database.prepare("DELETE FROM networks WHERE id = ?");
    this.#all = database.prepare("SELECT id, name, record FROM networks ORDER BY rowid");
  }

  /** Writes the record, in place of one of the same id. */
  put(record: NetworkRecord): void {
    this.#reserve.spend(() => this.#insert.run(record.id, record.name, JSON.stringify(record)));
  }

  delete(id: string): void {
    this.#reserve.spend(() => this.#delete.run(id));
  }

  /** All records; a row that cannot be read goes to `damaged` and hinders no other. */
  load(damaged: (id: string, name: string, error: unknown) => void): Generator<NetworkRecord> {
    const told = ({ id, name }: RecordRow, error: unknown) => damaged(String(id), String(name), error);
    return readRecords<NetworkRecord>(this.#all, told);
  }
}

export const NETWORK_SCHEMA = `
CREATE TABLE IF NOT EXISTS networks (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  record TEXT NOT NULL
) STRICT;
`;
