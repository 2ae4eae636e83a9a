/**
 * node:zlib without its stream. The stream makes a new buffer for each piece that comes out, of which V8 lets 32 MB pile
 * up in each thread before it looks which are needed; and it works on the thread that calls it anyway. What is below the
 * stream, `_handle`, is what pngjs and minizlib call too; Deno keeps it as Node has it for their sake.
 */
import { constants, createGunzip, createZstdDecompress } from "node:zlib";
import type { Bytes } from "../base/container_engine.ts";
import { internal, invalid } from "../base/errors.ts";

/** Of the output that comes at once. */
const PIECE = 256 << 10;

interface Engine {
  /** After a write: how much room was left in the output, and how much of the input. */
  readonly _writeState: Uint32Array;
  readonly _handle: {
    onerror: (message: string) => void;
    writeSync(
      flush: number,
      input: Uint8Array,
      inputAt: number,
      inputLength: number,
      output: Uint8Array,
      outputAt: number,
      outputLength: number,
    ): void;
  };
  destroy(): void;
}

/** Decompresses one stream, piece by piece. */
export class Inflater implements Disposable {
  readonly #name: "gzip" | "zstd";
  readonly #engine: Engine;
  readonly #output: Bytes = new Uint8Array(PIECE);
  #failure: string | undefined;
  /** What comes behind the last member of gzip means nothing. */
  #ended = false;

  constructor(name: "gzip" | "zstd") {
    this.#name = name;
    const engine = (name === "gzip" ? createGunzip() : createZstdDecompress()) as unknown as Engine;
    if (typeof engine._handle?.writeSync !== "function") throw internal("this Deno's node:zlib has no writeSync");
    engine._handle.onerror = (message) => this.#failure = message;
    this.#engine = engine;
  }

  /** What `input` gives, in pieces that are good until the next is asked for. @throws invalid when it is damaged */
  push(input: Uint8Array): Generator<Bytes> {
    return this.#write(input, constants.Z_NO_FLUSH);
  }

  /** There is no more input. @throws invalid when it is cut off */
  finish(): Generator<Bytes> {
    return this.#write(new Uint8Array(), constants.Z_FINISH);
  }

  [Symbol.dispose](): void {
    this.#engine.destroy();
  }

  *#write(input: Uint8Array, flush: number): Generator<Bytes> {
    for (let [at, room] = [0, 0]; room === 0 && !this.#ended;) {
      this.#step(flush, input, at);
      const [free = 0, left = 0] = this.#engine._writeState;
      [at, room] = [input.length - left, free];
      this.#ended = left > 0 && room > 0;
      if (room < PIECE) yield this.#output.subarray(0, PIECE - room);
    }
  }

  #step(flush: number, input: Uint8Array, at: number): void {
    try {
      this.#engine._handle.writeSync(flush, input, at, input.length - at, this.#output, 0, PIECE);
    } catch (cause) {
      this.#failure = cause instanceof Error ? cause.message : String(cause);
    }
    if (this.#failure !== undefined) throw invalid(`the ${this.#name} stream is damaged: ${this.#failure}`);
  }
}
