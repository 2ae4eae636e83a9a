import assert from "node:assert/strict";
import type { Bytes } from "./container_engine.ts";
import { decodeFrames, encodeFrame, encodeFrames } from "./frames.ts";

const bytes = (text: string): Bytes => new TextEncoder().encode(text);

async function decoded(wire: Bytes, step: number): Promise<string[]> {
  async function* chunks() {
    for (let at = 0; at < wire.length; at += step) yield wire.subarray(at, at + step);
  }
  const found: string[] = [];
  for await (const { stream, data } of decodeFrames(chunks())) {
    found.push(`${stream}:${new TextDecoder().decode(data)}`);
  }
  return found;
}

const join = (...parts: Bytes[]): Bytes => new Uint8Array(parts.flatMap((part) => [...part]));

Deno.test("encodeFrame() puts stream and big-endian length before the data", () => {
  assert.deepEqual([...encodeFrame({ stream: "stderr", data: bytes("hi") })], [2, 0, 0, 0, 0, 0, 0, 2, 104, 105]);
  const long = encodeFrame({ stream: "stdout", data: new Uint8Array(100_000) });
  assert.deepEqual([...long.subarray(0, 8)], [1, 0, 0, 0, 0, 1, 0x86, 0xa0]);
});

Deno.test("encodeFrames() joins frames in order, with or without their headers", () => {
  const frames = [{ stream: "stdout", data: new Uint8Array([7]) }, {
    stream: "stderr",
    data: new Uint8Array([8, 9]),
  }] as const;
  assert.deepEqual([...encodeFrames(frames, true)], [1, 0, 0, 0, 0, 0, 0, 1, 7, 2, 0, 0, 0, 0, 0, 0, 2, 8, 9]);
  assert.deepEqual([...encodeFrames(frames, false)], [7, 8, 9]);
});

Deno.test("decodeFrames() gives the same bytes however the connection cuts them", async () => {
  const wire = join(
    encodeFrame({ stream: "stdout", data: bytes("one") }),
    encodeFrame({ stream: "stderr", data: bytes("") }),
    encodeFrame({ stream: "stderr", data: bytes("two") }),
  );
  assert.deepEqual(await decoded(wire, wire.length), ["stdout:one", "stderr:two"]);
  const single = await decoded(wire, 1);
  assert.deepEqual(single, ["stdout:o", "stdout:n", "stdout:e", "stderr:t", "stderr:w", "stderr:o"]);
});

Deno.test("decodeFrames() refuses a stream that is not multiplexed, cut off, or carries an error", async () => {
  await assert.rejects(decoded(bytes("plain text"), 4), { message: "Unrecognized input header: 112" });
  await assert.rejects(decoded(encodeFrame({ stream: "stdout", data: bytes("x") }).subarray(0, 8), 8), {
    message: "the stream ended within a frame",
  });
  const failure = join(new Uint8Array([3, 0, 0, 0, 0, 0, 0, 4]), bytes("gone"));
  await assert.rejects(decoded(failure, 3), { message: "error from daemon in stream: gone" });
});
