import assert from "node:assert/strict";
import type { Bytes, OutputFrame } from "../../base/container_engine.ts";
import { OutputHub } from "./output_hub.ts";

const bytes = (text: string): Bytes => new TextEncoder().encode(text);
const BOTH = { stdout: true, stderr: true };

async function text(output: AsyncIterable<OutputFrame>): Promise<string> {
  let all = "";
  for await (const { stream, data } of output) all += `${stream[3]}:${new TextDecoder().decode(data)} `;
  return all;
}

Deno.test("a subscriber gets what comes after it, of the streams it wants, until the run ends", async () => {
  const hub = new OutputHub();
  hub.push("stdout", bytes("lost"));
  const both = text(hub.subscribe(BOTH));
  const errors = text(hub.subscribe({ stdout: false, stderr: true }));
  hub.push("stdout", bytes("a"));
  await Promise.resolve();
  hub.push("stderr", bytes("b"));
  hub.endRun();
  hub.push("stdout", bytes("next run"));
  assert.equal(await both, "o:a e:b ");
  assert.equal(await errors, "e:b ");
});

Deno.test("push() does not keep the data that it was given", async () => {
  const hub = new OutputHub();
  const output = hub.subscribe(BOTH);
  const shared = bytes("one");
  hub.push("stdout", shared);
  shared.set(bytes("two"));
  hub.endRun();
  assert.equal(await text(output), "o:one ");
});

Deno.test("the hub is saturated while one reader is a mebibyte behind, and drained when it has read half of it", async () => {
  const hub = new OutputHub();
  const told: string[] = [];
  hub.onSaturation({ saturated: () => told.push("saturated"), drained: () => told.push("drained") });
  const slow = hub.subscribe(BOTH)[Symbol.asyncIterator]();
  const fast = text(hub.subscribe(BOTH));
  const block = new Uint8Array(256 << 10).fill(97);
  for (let i = 0; i < 3; i++) hub.push("stdout", block);
  assert.deepEqual(told, []);
  hub.push("stdout", block);
  hub.push("stdout", block);
  assert.deepEqual(told, ["saturated"]);
  for (let i = 0; i < 3; i++) await slow.next();
  assert.deepEqual(told, ["saturated"]);
  await slow.next();
  assert.deepEqual(told, ["saturated", "drained"]);
  hub.endRun();
  await fast;
});

Deno.test("close() of the slow reader lets the others go on", () => {
  const hub = new OutputHub();
  const told: string[] = [];
  hub.onSaturation({ saturated: () => told.push("saturated"), drained: () => told.push("drained") });
  const slow = hub.subscribe(BOTH);
  hub.push("stdout", new Uint8Array(1 << 20));
  slow.close();
  assert.deepEqual(told, ["saturated", "drained"]);
  hub.push("stdout", new Uint8Array(2 << 20));
  assert.deepEqual(told, ["saturated", "drained"]);
});

Deno.test("who leaves the loop is unsubscribed, and close() ends a reader that waits", async () => {
  const hub = new OutputHub();
  const output = hub.subscribe(BOTH);
  hub.push("stdout", bytes("x"));
  for await (const _ of output) break;
  const waiting = hub.subscribe(BOTH);
  const all = text(waiting);
  waiting.close();
  assert.equal(await all, "");
});
