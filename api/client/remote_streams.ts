import type { AttachedStreams, Bytes, OutputFrame } from "../../base/container_engine.ts";
import { decodeFrames } from "../../base/frames.ts";
import { untilClosed } from "./body.ts";
import type { Connection, ResponseHead } from "./connection.ts";
import type { HijackedConnection } from "./http.ts";

const multiplexedType = "application/vnd.docker.multiplexed-stream";

/** Whether a stream is that of a terminal: one and raw. */
export function isRaw({ headers }: ResponseHead): boolean {
  return headers.get("content-type") !== multiplexedType;
}

/** The frames of a stream; a raw one is all stdout. */
export function framesOf(raw: boolean, pieces: AsyncIterable<Bytes>): AsyncGenerator<OutputFrame, void, void> {
  return raw ? rawFrames(pieces) : decodeFrames(pieces);
}

async function* rawFrames(pieces: AsyncIterable<Bytes>): AsyncGenerator<OutputFrame, void, void> {
  for await (const data of pieces) yield { stream: "stdout", data };
}

/** The streams of a process behind a hijacked connection. */
export class RemoteStreams implements AttachedStreams {
  readonly tty: boolean;
  readonly output: AsyncIterable<OutputFrame>;
  readonly #connection: Connection;

  /** `tty` when the answer does not say whether it is multiplexed (engines before API 1.42). */
  constructor({ head, connection }: HijackedConnection, tty?: boolean) {
    this.#connection = connection;
    this.tty = tty ?? isRaw(head);
    this.output = this.#read();
  }

  async write(data: Bytes): Promise<void> {
    await this.#connection.write(data);
  }

  async closeStdin(): Promise<void> {
    await this.#connection.closeWrite();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#connection.close();
    return Promise.resolve();
  }

  async *#read(): AsyncGenerator<OutputFrame, void, void> {
    try {
      yield* framesOf(this.tty, untilClosed(this.#connection));
    } catch (error) {
      // Whoever disposed of the streams wants to hear no more of them.
      if (!this.#connection.closed) throw error;
    } finally {
      this.#connection.close();
    }
  }
}
