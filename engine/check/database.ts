import type { Fault } from "../../base/fault.ts";
import type { Parts } from "../parts.ts";

/** What SQLite itself says of its file; of references between its tables the checks of the images tell. */
export function* databaseFaults({ database }: Parts): Generator<Fault> {
  for (const row of database.prepare("PRAGMA integrity_check").all()) {
    const said = String(row["integrity_check"]);
    if (said === "ok") continue;
    yield {
      kind: "database",
      object: "db.sqlite",
      detail: `the database is damaged, a copy of it has to be put in its place: ${said}`,
    };
  }
}
