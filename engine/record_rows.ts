import type { StatementSync } from "node:sqlite";

/** What a table knows of a record beside the record itself: its key columns. */
export type RecordRow = Readonly<Record<string, unknown>>;

/**
 * The records that a query finds, each as JSON in the column `record`. A row that cannot be read, or that `check` throws
 * for, goes to `damaged` and hinders no other.
 */
export function* readRecords<T>(
  query: StatementSync,
  damaged: (row: RecordRow, error: unknown) => void,
  check: (row: RecordRow, record: T) => T = (_row, record) => record,
): Generator<T> {
  for (const row of query.all()) {
    try {
      yield check(row, JSON.parse(String(row["record"])) as T);
    } catch (error) {
      damaged(row, error);
    }
  }
}
