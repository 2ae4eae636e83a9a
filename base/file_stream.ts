import type { Bytes } from "./container_engine.ts";

/** Larger pieces than the 64 KiB of `file.readable`: each costs as much on its way to the engine. */
const PIECE = 512 << 10;

/** What is in a file from where it stands; it is closed at the end. */
export function fileStream(file: Deno.FsFile): ReadableStream<Bytes> {
  return new ReadableStream<Bytes>({
    async pull(controller) {
      const piece = new Uint8Array(PIECE);
      const n = await file.read(piece);
      if (n !== null) return controller.enqueue(piece.subarray(0, n));
      file.close();
      controller.close();
    },
    cancel: () => file.close(),
  });
}
