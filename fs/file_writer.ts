import type { Bytes } from "../base/container_engine.ts";
import { unavailable } from "../base/errors.ts";

/** Written at once: what comes from a socket comes in pieces for which the way to the disk and back is too long. */
const PIECE = 256 << 10;

/** Writes a new file from its beginning. While a piece is on its way to the disk, the next is gathered. */
export class FileWriter implements AsyncDisposable {
  readonly #file: Deno.FsFile;
  /** What is being done, for the error: `take in the layer`. */
  readonly #purpose: string;
  #gathered = new Uint8Array(PIECE);
  #filled = 0;
  #other = new Uint8Array(PIECE);
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: Deno.FsFile, purpose: string) {
    this.#file = file;
    this.#purpose = purpose;
  }

  /** @throws `unavailable` when there is no room for it */
  static async create(path: string, purpose: string): Promise<FileWriter> {
    try {
      return new FileWriter(await Deno.open(path, { write: true, createNew: true, mode: 0o600 }), purpose);
    } catch (cause) {
      throw classed(cause, purpose);
    }
  }

  /** Takes bytes, whose memory may be used again. @throws `unavailable` when there was no room for earlier ones */
  async write(bytes: Bytes): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + PIECE - this.#filled);
      this.#gathered.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === PIECE) await this.#send();
    }
  }

  /** Settles when all that was taken is in the file. @throws `unavailable` when there is no room for it */
  async flush(): Promise<void> {
    await this.#send();
    await this.#writing;
  }

  /** What was not flushed may be missing. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing.catch(() => {});
    this.#file.close();
  }

  async #send(): Promise<void> {
    await this.#writing;
    const piece = this.#gathered.subarray(0, this.#filled);
    [this.#gathered, this.#other, this.#filled] = [this.#other, this.#gathered, 0];
    this.#writing = this.#writeAll(piece);
    this.#writing.catch(() => {}); // who comes next is told
  }

  async #writeAll(piece: Bytes): Promise<void> {
    try {
      for (let done = 0; done < piece.length;) done += await this.#file.write(piece.subarray(done));
    } catch (cause) {
      throw classed(cause, this.#purpose);
    }
  }
}

function classed(cause: unknown, purpose: string): unknown {
  const isFull = cause instanceof Error && /os error (28|122)\)/.test(cause.message); // ENOSPC, EDQUOT
  return isFull ? unavailable(`cannot ${purpose}`, { cause }) : cause;
}
