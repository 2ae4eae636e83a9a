import assert from "node:assert/strict";
import { streamOwning } from "./stream_owning.ts";

function resource() {
  const state = { closed: 0 };
  return { state, [Symbol.dispose]: () => void state.closed++ };
}

async function* pieces(failing = false) {
  yield await new Uint8Array([1]);
  if (failing) throw new Error("broken");
  yield new Uint8Array([2]);
}

Deno.test("streamOwning() gives all, and closes with the end", async () => {
  const owned = resource();
  assert.deepEqual(await new Response(streamOwning(owned, pieces())).bytes(), new Uint8Array([1, 2]));
  assert.equal(owned.state.closed, 1);
});

Deno.test("streamOwning() closes when the source fails, and passes the failure on", async () => {
  const owned = resource();
  await assert.rejects(() => new Response(streamOwning(owned, pieces(true))).bytes(), /broken/);
  assert.equal(owned.state.closed, 1);
});

Deno.test("streamOwning() closes when nobody has read, and when somebody stops reading", async () => {
  for (const reads of [0, 1]) {
    const owned = resource();
    const reader = streamOwning(owned, pieces()).getReader();
    for (let i = 0; i < reads; i++) await reader.read();
    await reader.cancel();
    assert.equal(owned.state.closed, 1);
  }
});
