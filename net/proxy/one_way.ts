import type { Fd } from "../../sys/fd.ts";
import { trySplice } from "../../sys/try_splice.ts";
import { type Pipe, PIPE_SIZE, type PipePool } from "./pipe_pool.ts";

/**
 * Where the data of one direction are held up: `nothing` to read now, `no room` where they go, `turn over` (there is
 * more, after the others had their turn), or the `end`: it has been read, and all before it has been passed on.
 */
export type Progress = "nothing" | "no room" | "turn over" | "end";

/** What one direction may move before it is the next one's turn: a millisecond's worth. */
const TURN = 1 << 20;

/** One direction of a connection: out of one socket, through a pipe, into the other. */
export class OneWay implements Disposable {
  readonly #from: Fd;
  readonly #to: Fd;
  readonly #pipes: PipePool;
  /** Held only while there is something in it. */
  #pipe: Pipe | undefined;
  #waiting = 0;

  constructor(from: Fd, to: Fd, pipes: PipePool) {
    this.#from = from;
    this.#to = to;
    this.#pipes = pipes;
  }

  /**
   * Moves what can be moved now.
   * @throws {SyscallError} ECONNRESET, EPIPE and the like when one side is gone; EMFILE when there is no pipe to be had
   */
  move(): Progress {
    const pipe = this.#pipe ??= this.#pipes.take();
    try {
      return this.#moveThrough(pipe);
    } finally {
      if (this.#waiting === 0) {
        this.#pipe = undefined;
        this.#pipes.giveBack(pipe);
      }
    }
  }

  #moveThrough({ reader, writer }: Pipe): Progress {
    for (let moved = 0; moved < TURN;) {
      if (this.#waiting === 0) {
        const taken = trySplice(this.#from, writer, PIPE_SIZE);
        if (taken === undefined) return "nothing";
        if (taken === 0) return "end";
        this.#waiting = taken;
      }
      const passed = trySplice(reader, this.#to, this.#waiting);
      if (passed === undefined) return "no room";
      this.#waiting -= passed;
      moved += passed;
    }
    return this.#waiting > 0 ? "no room" : "turn over";
  }

  [Symbol.dispose](): void {
    if (this.#pipe !== undefined) this.#pipes.discard(this.#pipe);
    this.#pipe = undefined;
  }
}
