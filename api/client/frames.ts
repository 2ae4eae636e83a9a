/**
 * Docker's multiplexed stream (pkg/stdcopy): each frame has a header of 8 bytes, `[stream, 0, 0, 0, length × 4]`, length
 * big-endian, stream 1 for stdout and 2 for stderr; 3 carries an error of the engine.
 */
import type { Bytes, OutputFrame } from "../../base/container_engine.ts";
import { internal } from "../../base/errors.ts";
import type { Connection } from "./connection.ts";

export const multiplexedType = "application/vnd.docker.multiplexed-stream";

/** Where frames are read from: exactly so many bytes, undefined at the end. */
export interface ByteSource {
  readExactly(length: number): Promise<Bytes | undefined>;
}

/** The frames of a multiplexed stream, whole as they were sent. */
export async function* multiplexedFrames(source: ByteSource): AsyncGenerator<OutputFrame, void, void> {
  for (let header = await source.readExactly(8); header !== undefined; header = await source.readExactly(8)) {
    const length = new DataView(header.buffer, header.byteOffset).getUint32(4);
    const data = length === 0 ? new Uint8Array(0) : await source.readExactly(length);
    if (data === undefined) throw internal("the engine's stream ended within a frame");
    if (header[0] === 3) throw internal(new TextDecoder().decode(data));
    if (header[0] !== 1 && header[0] !== 2) throw internal(`unrecognized stream: ${header[0]}`);
    yield { stream: header[0] === 1 ? "stdout" : "stderr", data };
  }
}

/** A raw stream, as a terminal gives it: all of it is stdout. */
export async function* rawFrames(body: AsyncIterable<Bytes>): AsyncGenerator<OutputFrame, void, void> {
  for await (const data of body) yield { stream: "stdout", data };
}

/** What a hijacked connection gives until it ends, piece by piece. */
export async function* piecesOf(connection: Connection): AsyncGenerator<Bytes, void, void> {
  for (let piece = await connection.readSome(); piece !== undefined; piece = await connection.readSome()) yield piece;
}

/** Lets exact lengths be read from pieces of any size. */
export class PieceReader implements ByteSource {
  readonly #pieces: AsyncIterator<Bytes>;
  #pending: Bytes = new Uint8Array(0);

  constructor(pieces: AsyncIterable<Bytes>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  async readExactly(length: number): Promise<Bytes | undefined> {
    if (this.#pending.length >= length) return this.#take(length);
    const whole = new Uint8Array(length);
    for (let have = 0; have < length;) {
      if (this.#pending.length === 0) {
        const next = await this.#pieces.next();
        if (next.done === true) {
          if (have === 0) return undefined;
          throw internal(`the engine's stream ended after ${have} of ${length} bytes`);
        }
        this.#pending = next.value;
      }
      const piece = this.#take(Math.min(length - have, this.#pending.length));
      whole.set(piece, have);
      have += piece.length;
    }
    return whole;
  }

  /** Gives the source back: an answer that is not read to its end is closed. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  #take(length: number): Bytes {
    const taken = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    return taken;
  }
}
