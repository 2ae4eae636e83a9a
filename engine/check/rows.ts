import { describeError } from "../../base/errors.ts";
import type { Fault } from "../../base/fault.ts";

/** A kind of thing that has a row each, and that the engine has in memory. */
export interface Rows<T> {
  /** `container`, `volume`, `network`. */
  readonly what: string;
  /** The keys of the rows that can be read, and the others. */
  readonly readable: ReadonlySet<string>;
  readonly damaged: ReadonlyMap<string, DamagedRow>;
  /** By the same keys. */
  readonly known: ReadonlyMap<string, T>;
  name(thing: T): string;
  /** Writes the row again. */
  restore(thing: T, damaged: boolean): void;
}

/** A row that cannot be read: the name that stands beside the record, and what is wrong. */
export interface DamagedRow {
  readonly name: string;
  readonly error: unknown;
}

/** Rows that cannot be read, and things that have none: what is in memory is whole. */
export function* rowFaults<T>({ what, readable, damaged, known, name, restore }: Rows<T>): Generator<Fault> {
  const written = (thing: T, damaged: boolean) => ({ done: "written again", run: () => restore(thing, damaged) });
  for (const [key, row] of damaged) {
    const thing = known.get(key);
    yield {
      kind: `${what}-record`,
      object: row.name,
      detail: `the record of the ${what} ${row.name} cannot be read: ${describeError(row.error)}`,
      ...thing !== undefined && { repair: written(thing, true) },
    };
  }
  for (const [key, thing] of known) {
    if (readable.has(key) || damaged.has(key)) continue;
    yield {
      kind: `${what}-row`,
      object: name(thing),
      detail: `the ${what} ${name(thing)} is not in the database: the next engine would not know it`,
      repair: written(thing, false),
    };
  }
}
