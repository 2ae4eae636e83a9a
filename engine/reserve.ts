import { unavailable } from "../base/errors.ts";

/** More than the write-ahead log ever grows to (database.ts): then every change has its room. */
const SIZE = 4 << 20;
/** Given back at a time: whoever has filled the disk (a log, a container) takes what we do not use at once. */
const PIECE = 64 << 10;
/** SQLITE_FULL, _IOERR and _CANTOPEN: what a full disk, or one without inodes, looks like to SQLite. */
const SQLITE_MESSAGES = /^(database or disk is full|disk I\/O error|unable to open database file)/;
/** ENOSPC and EDQUOT, as Deno and we write them. */
const FULL_MESSAGES = /\(os error (28|122)\)|: (ENOSPC|EDQUOT), /;

/**
 * Room on the disk for what must also work when it is full: stopping, removing, and putting on record how a container
 * has ended. It is a file of zeros from whose end a piece is given back whenever the database finds no room.
 */
export class Reserve {
  readonly #path: string;

  constructor(root: string) {
    this.#path = `${root}/reserve`;
  }

  /** Makes it whole again, as far as there is room. */
  fill(): void {
    try {
      using file = Deno.openSync(this.#path, { write: true, create: true, mode: 0o600 });
      const { size } = file.statSync();
      if (size >= SIZE) return;
      file.seekSync(size, Deno.SeekMode.Start);
      const zeros = new Uint8Array(PIECE);
      for (let at = size; at < SIZE;) at += file.writeSync(zeros.subarray(0, SIZE - at));
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  /** Does `change`; on a full disk as often as pieces of the reserve are left. */
  spend<T>(change: () => T): T {
    for (;;) {
      try {
        return change();
      } catch (error) {
        if (!isFull(error) || !this.#giveBack()) throw error;
      }
    }
  }

  /** A piece more for others; false when nothing is left. */
  #giveBack(): boolean {
    try {
      const { size } = Deno.statSync(this.#path);
      if (size === 0) return false;
      Deno.truncateSync(this.#path, Math.max(0, size - PIECE));
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }
}

/** Does `work`; when the disk is full that is nobody's mistake. @throws `unavailable` then */
export function needingRoom<T>(work: () => T): T {
  const said = (cause: unknown) => isFull(cause) ? unavailable("the disk is full", { cause }) : cause;
  try {
    const result = work();
    return result instanceof Promise ? result.catch((cause) => Promise.reject(said(cause))) as T : result;
  } catch (cause) {
    throw said(cause);
  }
}

/** Whether an error says that the disk, or a quota, is full. node:sqlite gives the code of some errors only. */
function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const ofSqlite = "code" in error && error.code === "ERR_SQLITE_ERROR";
  return (ofSqlite ? SQLITE_MESSAGES : FULL_MESSAGES).test(error.message);
}
