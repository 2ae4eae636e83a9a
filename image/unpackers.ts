import { EngineError, internal } from "../base/errors.ts";
import { Ring } from "../fs/ring.ts";
import type { LayerJob, UnpackedLayer } from "../fs/unpack_layer.ts";
import type { SpareWorkers } from "./spare_workers.ts";
import type { FromWorker, Order, ToWorker } from "./unpack_worker.ts";

/** Layers unpacked at once; each takes a core. */
const AT_ONCE = 2;

export interface UnpackOptions {
  readonly progress: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Workers that unpack layers, for the time of one load. Each takes a layer; one that is alone is worked on by both: while
 * one reads, decompresses and hashes, the other makes its files.
 */
export class Unpackers implements Disposable {
  readonly #spare: SpareWorkers;
  readonly #alone: boolean;
  readonly #idle: Worker[] = [];
  readonly #waiting: ((worker: Worker) => void)[] = [];
  #started = 0;

  /** @param alone whether there will be one layer only */
  constructor(spare: SpareWorkers, { alone }: { readonly alone: boolean }) {
    this.#spare = spare;
    this.#alone = alone;
  }

  [Symbol.dispose](): void {
    for (const worker of this.#idle) this.#spare.giveBack(worker);
  }

  /** Unpacks a layer when its turn comes. @throws what unpackLayer() throws, or the reason of the signal */
  async unpack(job: LayerJob, options: UnpackOptions): Promise<UnpackedLayer> {
    if (this.#alone) return await this.#unpackTogether(job, options);
    return made(await this.#give({ job }, options));
  }

  async #unpackTogether(job: LayerJob, options: UnpackOptions): Promise<UnpackedLayer> {
    const ring = new Ring();
    const half = async (half: "feed" | "unpack", options: UnpackOptions) => {
      try {
        return await this.#give({ job, half, ring: ring.memory }, options);
      } catch (error) {
        ring.fail(half === "feed" ? "writer" : "reader"); // also where it has not begun, or has died
        throw error;
      }
    };
    const [fed, unpacked] = await Promise.allSettled([
      half("feed", options),
      half("unpack", { progress: () => {} }), // it ends when the other is cancelled
    ]);
    // Where both have failed: what is wrong with the tar both find, else the second has because of the first.
    const first = unpacked.status === "rejected" && ring.failed !== "writer" ? unpacked : fed;
    if (first.status === "rejected") throw first.reason;
    if (unpacked.status === "rejected") throw unpacked.reason;
    return made(unpacked.value);
  }

  /** Gives a worker its order. @throws what it throws, or the reason of the signal */
  async #give(order: Order, { progress, signal }: UnpackOptions): Promise<UnpackedLayer | undefined> {
    const worker = await this.#take();
    let died = false;
    try {
      signal?.throwIfAborted();
      return await run(worker, order, progress, { signal, onDeath: () => died = true });
    } finally {
      this.#takeBack(died ? this.#spare.take() : worker);
    }
  }

  #take(): Promise<Worker> | Worker {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#started === AT_ONCE) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#started++;
    return this.#spare.take();
  }

  #takeBack(worker: Worker): void {
    const next = this.#waiting.shift();
    if (next !== undefined) next(worker);
    else this.#idle.push(worker);
  }
}

function made(layer: UnpackedLayer | undefined): UnpackedLayer {
  if (layer === undefined) throw internal("the worker that unpacks layers has given none");
  return layer;
}

function run(
  worker: Worker,
  order: Order,
  progress: (bytes: number) => void,
  { signal, onDeath }: { readonly signal: AbortSignal | undefined; readonly onDeath: () => void },
): Promise<UnpackedLayer | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<UnpackedLayer | undefined>();
  const cancel = () => worker.postMessage("cancel" satisfies ToWorker);
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if ("progress" in data) progress(data.progress);
    else if ("done" in data) resolve(data.done);
    else reject(signal?.aborted ? signal.reason : new EngineError(data.failed.class, data.failed.message));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    onDeath();
    reject(internal(`the worker that unpacks layers failed: ${event.message}`));
  };
  signal?.addEventListener("abort", cancel);
  worker.postMessage(order satisfies ToWorker);
  return promise.finally(() => signal?.removeEventListener("abort", cancel));
}
