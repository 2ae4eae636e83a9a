/** The one database: SQLite, write-ahead log, every change one transaction (design section 5). */
import { DatabaseSync } from "node:sqlite";
import { unavailable } from "../base/errors.ts";
import type { Reserve } from "./reserve.ts";

/** Raised with every change of the tables; an engine refuses a database of a newer one. */
const STATE_VERSION = 1;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS containers (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  image TEXT NOT NULL,
  record TEXT NOT NULL
) STRICT;
`;

/**
 * Opens or makes the database at `path`, with the engine's tables and those of `schemas`. Commits survive the death of
 * the process at once; a power cut may take the last of them back, and never half of one (synchronous=NORMAL).
 * @throws `unavailable` when the file is damaged, or was written by a newer engine.
 */
export function openDatabase(path: string, schemas: readonly string[], reserve: Reserve): DatabaseSync {
  try {
    return reserve.spend(() => openOnce(path, schemas));
  } catch (cause) {
    throw unavailable(`cannot open the database ${path}`, { cause });
  }
}

function openOnce(path: string, schemas: readonly string[]): DatabaseSync {
  using undo = new DisposableStack();
  const database = undo.adopt(new DatabaseSync(path, { enableForeignKeyConstraints: true }), (db) => db.close());
  // The log is carried over into the database after so many pages, and then written from its beginning: 2 MiB.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 500;");
  database.exec("PRAGMA busy_timeout = 2000;");
  const version = Number(database.prepare("PRAGMA user_version").get()?.user_version ?? 0);
  if (version > STATE_VERSION) {
    throw unavailable(
      `${path} was written by a newer engine (state version ${version}, this one knows ${STATE_VERSION})`,
    );
  }
  for (const schema of [SCHEMA, ...schemas]) database.exec(schema);
  database.exec(`PRAGMA user_version = ${STATE_VERSION}`);
  undo.move();
  return database;
}
