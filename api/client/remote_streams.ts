import type { AttachedStreams, Bytes, OutputFrame } from "../../base/container_engine.ts";
import { multiplexedFrames, multiplexedType, piecesOf, rawFrames } from "./frames.ts";
import type { Connection } from "./connection.ts";
import type { HijackedConnection } from "./http.ts";

/** The streams of a process behind a hijacked connection. */
export class RemoteStreams implements AttachedStreams {
  readonly tty: boolean;
  readonly output: AsyncIterable<OutputFrame>;
  readonly #connection: Connection;

  /** `tty` when the answer does not say whether it is multiplexed (engines before API 1.42). */
  constructor({ head, connection }: HijackedConnection, tty?: boolean) {
    this.#connection = connection;
    this.tty = tty ?? head.headers.get("content-type") !== multiplexedType;
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
      if (this.tty) yield* rawFrames(piecesOf(this.#connection));
      else yield* multiplexedFrames(this.#connection);
    } catch (error) {
      // Whoever disposed of the streams wants to hear no more of them.
      if (!this.#connection.closed) throw error;
    } finally {
      this.#connection.close();
    }
  }
}
