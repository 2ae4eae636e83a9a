import type { Bytes } from "../../base/container_engine.ts";

/** Hands over a stream when all of it has come; meanwhile it lies in a file that has no name. */
export async function spooled(
  bytes: AsyncIterable<Bytes>,
  use: (whole: ReadableStream<Bytes>) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempFile({ prefix: "sauropod-cp-" });
  using file = await Deno.open(path, { read: true, write: true });
  await Deno.remove(path);
  for await (const piece of bytes) {
    for (let written = 0; written < piece.length;) written += await file.write(piece.subarray(written));
  }
  await file.seek(0, Deno.SeekMode.Start);
  await use(file.readable);
}
