import type { ProgressMessage } from "../../base/docker/image.ts";

export type Tell = (message: ProgressMessage) => void;

/** Something that several wait for and that is done once. It is given up when the last of them has given up. */
export class SharedWork<T> {
  readonly #watchers = new Set<Tell>();
  readonly #stop = new AbortController();
  readonly #result: Promise<T>;
  #last: ProgressMessage | undefined;

  constructor(work: (tell: Tell, signal: AbortSignal) => Promise<T>) {
    this.#result = work((message) => {
      this.#last = message;
      for (const watcher of this.#watchers) watcher(message);
    }, this.#stop.signal);
    this.#result.catch(() => {}); // told to those who wait
  }

  /** Whether everybody has given up: it will fail, and must be begun anew. */
  get abandoned(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Waits for the result. @throws what the work throws, or the reason of `signal` */
  async wait(tell: Tell, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const watcher: Tell = (message) => tell(message);
    this.#watchers.add(watcher);
    if (this.#last !== undefined) tell(this.#last);
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    try {
      return await Promise.race([this.#result, aborted]);
    } finally {
      signal.removeEventListener("abort", abort);
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) {
        this.#stop.abort(signal.reason);
        await this.#result.catch(() => {}); // whoever has given up leaves nothing behind
      }
    }
  }
}
