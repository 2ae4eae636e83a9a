/** Milliseconds for which they wait for the next load; two of them hold some 11 MB. */
const PATIENCE = 10_000;
/** As many as a load has. */
const MOST = 2;

/**
 * Workers that unpack layers and have nothing to do. A new one needs 80 ms to begin, and is slow until V8 has compiled
 * what it does; so those of one load wait a while for the next.
 */
export class SpareWorkers implements Disposable {
  readonly #spare: Worker[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;

  take(): Worker {
    return this.#spare.pop() ?? new Worker(new URL("./unpack_worker.ts", import.meta.url).href, { type: "module" });
  }

  /** Takes back one that has nothing to do. */
  giveBack(worker: Worker): void {
    if (this.#disposed || this.#spare.length >= MOST) return worker.terminate();
    this.#spare.push(worker);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(), PATIENCE);
  }

  #end(): void {
    for (const worker of this.#spare.splice(0)) worker.terminate();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    this.#end();
  }
}
