/**
 * The worker that unpacks layers, so that the engine answers meanwhile: one job after the other. It is never terminated
 * within a job, since the descriptors that it holds belong to the process.
 */
import { describeError, type ErrorClass, errorClass, invalid } from "../base/errors.ts";
import { feedLayer } from "../fs/layer_bytes.ts";
import { Ring } from "../fs/ring.ts";
import { type LayerJob, type UnpackedLayer, unpackFed, unpackLayer } from "../fs/unpack_layer.ts";

/** What to do of a job: all of it, or one half, while another worker does the other, and a ring is between them. */
export type Order =
  | { readonly job: LayerJob; readonly half?: never }
  | { readonly job: LayerJob; readonly half: "feed" | "unpack"; readonly ring: SharedArrayBuffer };

export type ToWorker = Order | "cancel";

export type FromWorker =
  | { readonly progress: number }
  /** Absent for who has fed another. */
  | { readonly done: UnpackedLayer | undefined }
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

async function work(order: Order): Promise<void> {
  let told = 0;
  const progress = (bytes: number) => {
    if (cancelled) throw invalid("cancelled");
    if (bytes - told < 4 << 20) return;
    told = bytes;
    tell({ progress: bytes });
  };
  try {
    tell({ done: await carryOut(order, progress) });
  } catch (error) {
    tell({ failed: { class: errorClass(error), message: describeError(error) } });
  }
}

async function carryOut(order: Order, progress: (bytes: number) => void): Promise<UnpackedLayer | undefined> {
  const { job } = order;
  if (order.half === undefined) return await unpackLayer(job, progress);
  const ring = new Ring(order.ring);
  if (order.half === "unpack") return await unpackFed(job, ring);
  await feedLayer(job, ring, progress);
}

scope.onmessage = ({ data }) => {
  if (data === "cancel") cancelled = true;
  else {
    cancelled = false;
    void work(data);
  }
};
