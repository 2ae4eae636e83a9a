import assert from "node:assert/strict";
import { encodeFrame, encodeFrames, writeFrame } from "./frames.ts";

Deno.test("encodeFrame() writes stream, three zeros, the length and the data", () => {
  const data = new Uint8Array([7, 8, 9]);
  assert.deepEqual([...encodeFrame({ stream: "stdout", data })], [1, 0, 0, 0, 0, 0, 0, 3, 7, 8, 9]);
  assert.deepEqual([...encodeFrame({ stream: "stderr", data: new Uint8Array() })], [2, 0, 0, 0, 0, 0, 0, 0]);
});

Deno.test("writeFrame() hands large data on as it is, after its header", () => {
  const written: Uint8Array[] = [];
  const to = { cork() {}, uncork() {}, write: (data: Uint8Array) => written.push(data) < 2 };
  const data = new Uint8Array(100_000);
  assert.equal(writeFrame(to, { stream: "stderr", data }), false);
  assert.deepEqual([...written[0] ?? []], [2, 0, 0, 0, 0, 1, 0x86, 0xa0]);
  assert.equal(written[1], data);
});

Deno.test("encodeFrames() joins frames in order, with or without their headers", () => {
  const frames = [{ stream: "stdout", data: new Uint8Array([7]) }, {
    stream: "stderr",
    data: new Uint8Array([8, 9]),
  }] as const;
  assert.deepEqual([...encodeFrames(frames, true)], [1, 0, 0, 0, 0, 0, 0, 1, 7, 2, 0, 0, 0, 0, 0, 0, 2, 8, 9]);
  assert.deepEqual([...encodeFrames(frames, false)], [7, 8, 9]);
});
