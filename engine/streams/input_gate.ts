import type { Bytes } from "../../base/container_engine.ts";
import type { InputQueue } from "./input_queue.ts";

/**
 * The way to the stdin of a process that may not have started yet: what is written before waits, and a close before the
 * start closes right after it.
 */
export class InputGate {
  #opened = Promise.withResolvers<void>();
  #queue: InputQueue | undefined;
  #closeKeepers: (() => void) | undefined;

  /** The process runs; `closeKeepers` lets its keeper close its end too. */
  open(queue: InputQueue, closeKeepers: () => void): void {
    this.#queue = queue;
    this.#closeKeepers = closeKeepers;
    this.#opened.resolve();
  }

  /** Settles when the process's pipe has taken it, or the process is gone: then it is lost, as on a closed pipe. */
  async write(data: Bytes): Promise<void> {
    await this.#opened.promise;
    await this.#queue?.write(data);
  }

  /** End of input, after all that was written. */
  async close(): Promise<void> {
    await this.#opened.promise;
    const [queue, closeKeepers] = [this.#queue, this.#closeKeepers];
    if (queue === undefined) return;
    await queue.close();
    closeKeepers?.();
  }

  /** The process has ended (or did not start): whoever waits goes on, and the next run begins with a shut gate. */
  endRun(): void {
    this.#queue = undefined;
    this.#closeKeepers = undefined;
    this.#opened.resolve();
    this.#opened = Promise.withResolvers<void>();
  }
}
