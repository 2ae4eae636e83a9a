/**
 * The worker that unpacks layers, so that the engine answers meanwhile: one job after the other. It is never terminated
 * within a job, since the descriptors that it holds belong to the process.
 */
import { describeError, type ErrorClass, errorClass, invalid } from "../base/errors.ts";
import { type LayerJob, type UnpackedLayer, unpackLayer } from "../fs/unpack_layer.ts";

export type ToWorker = { readonly job: LayerJob } | "cancel";

export type FromWorker =
  | { readonly progress: number }
  | { readonly done: UnpackedLayer }
  | { readonly failed: { readonly class: ErrorClass; readonly message: string } };

/** A worker's scope. Packages on JSR may not load the library `deno.worker`, which would say so. */
interface WorkerScope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;

let cancelled = false;

function tell(message: FromWorker): void {
  scope.postMessage(message);
}

async function work(job: LayerJob): Promise<void> {
  let told = 0;
  try {
    const done = await unpackLayer(job, (bytes) => {
      if (cancelled) throw invalid("cancelled");
      if (bytes - told < 4 << 20) return;
      told = bytes;
      tell({ progress: bytes });
    });
    tell({ done });
  } catch (error) {
    tell({ failed: { class: errorClass(error), message: describeError(error) } });
  }
}

scope.onmessage = ({ data }) => {
  if (data === "cancel") cancelled = true;
  else {
    cancelled = false;
    void work(data.job);
  }
};
