import assert from "node:assert/strict";
import { writeFrame } from "./write_frame.ts";

Deno.test("writeFrame() hands large data on as it is, after its header", () => {
  const written: Uint8Array[] = [];
  const to = { cork() {}, uncork() {}, write: (data: Uint8Array) => written.push(data) < 2 };
  const data = new Uint8Array(100_000);
  assert.equal(writeFrame(to, { stream: "stderr", data }), false);
  assert.deepEqual([...written[0] ?? []], [2, 0, 0, 0, 0, 1, 0x86, 0xa0]);
  assert.equal(written[1], data);
});
