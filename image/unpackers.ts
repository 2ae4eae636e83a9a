import { EngineError, internal } from "../base/errors.ts";
import type { LayerJob, UnpackedLayer } from "../fs/unpack_layer.ts";
import type { FromWorker, ToWorker } from "./unpack_worker.ts";

/** Layers unpacked at once; each takes a core. */
const AT_ONCE = 2;

export interface UnpackOptions {
  readonly progress: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Workers that unpack layers, for the time of one load. */
export class Unpackers implements Disposable {
  readonly #idle: Worker[] = [];
  readonly #waiting: ((worker: Worker) => void)[] = [];
  #started = 0;

  [Symbol.dispose](): void {
    for (const worker of this.#idle) worker.terminate();
  }

  /** Unpacks a layer when its turn comes. @throws what unpackLayer() throws, or the reason of the signal */
  async unpack(job: LayerJob, { progress, signal }: UnpackOptions): Promise<UnpackedLayer> {
    const worker = await this.#take();
    try {
      signal?.throwIfAborted();
      return await run(worker, job, progress, signal);
    } finally {
      this.#give(worker);
    }
  }

  #take(): Promise<Worker> | Worker {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#started === AT_ONCE) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#started++;
    return new Worker(new URL("./unpack_worker.ts", import.meta.url).href, { type: "module" });
  }

  #give(worker: Worker): void {
    const next = this.#waiting.shift();
    if (next !== undefined) next(worker);
    else this.#idle.push(worker);
  }
}

function run(
  worker: Worker,
  job: LayerJob,
  progress: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<UnpackedLayer> {
  const { promise, resolve, reject } = Promise.withResolvers<UnpackedLayer>();
  const cancel = () => worker.postMessage("cancel" satisfies ToWorker);
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if ("progress" in data) progress(data.progress);
    else if ("done" in data) resolve(data.done);
    else reject(signal?.aborted ? signal.reason : new EngineError(data.failed.class, data.failed.message));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    reject(internal(`the worker that unpacks layers failed: ${event.message}`));
  };
  signal?.addEventListener("abort", cancel);
  worker.postMessage({ job } satisfies ToWorker);
  return promise.finally(() => signal?.removeEventListener("abort", cancel));
}
