/** More than the write-ahead log ever grows to (database.ts): then every change has its room. */
const SIZE = 4 << 20;
/** Given back at a time: whoever has filled the disk (a log, a container) takes what we do not use at once. */
const PIECE = 64 << 10;
/** SQLITE_IOERR_SHMSIZE and _WRITE are what a full tmpfs, or one without inodes, looks like to SQLite. */
const SQLITE_FULL = 13, SQLITE_IOERR = 10, SQLITE_CANTOPEN = 14;

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

/** Whether an error of SQLite or of Deno says that the disk, or a quota, is full. */
export function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("errcode" in error && typeof error.errcode === "number") {
    return [SQLITE_FULL, SQLITE_IOERR, SQLITE_CANTOPEN].includes(error.errcode & 0xff);
  }
  return /os error (28|122)\)/.test(error.message); // ENOSPC, EDQUOT
}
