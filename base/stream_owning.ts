import type { Bytes } from "./container_engine.ts";

/** A stream of what `bytes` gives; `resource` is disposed of with its end, also if that is a failure or nobody ever reads. */
export function streamOwning(resource: Disposable, bytes: AsyncIterator<Bytes>): ReadableStream<Bytes> {
  return new ReadableStream<Bytes>({
    async pull(controller) {
      try {
        const next = await bytes.next();
        if (!next.done) return controller.enqueue(next.value);
        resource[Symbol.dispose]();
        controller.close();
      } catch (error) {
        resource[Symbol.dispose]();
        throw error;
      }
    },
    async cancel() {
      try {
        await bytes.return?.();
      } finally {
        resource[Symbol.dispose]();
      }
    },
  }, { highWaterMark: 0 });
}
