import assert from "node:assert/strict";
import type { Bytes } from "../../base/container_engine.ts";
import { CopyProgress } from "./copy_progress.ts";

/** What is printed while four pieces of a megabyte are counted, each of which takes `milliseconds`. */
async function shown(milliseconds: number, title: string | undefined, isTerminal = true): Promise<string[]> {
  const lines: string[] = [];
  let now = 0;
  const output = { isTerminal, print: (text: string) => void lines.push(text), write: () => Promise.resolve() };
  const progress = new CopyProgress(output, title, () => now);
  async function* pieces(): AsyncGenerator<Bytes> {
    for (let i = 0; i < 4; i++) {
      now += milliseconds;
      yield new Uint8Array(1_000_000);
    }
  }
  await Array.fromAsync(progress.count(pieces()));
  assert.equal(progress.size, "4MB");
  return lines;
}

Deno.test("a long copy has a line on the terminal that goes when it is done", async () => {
  assert.deepEqual(await shown(300, "Copying - "), [
    "\rCopying - 2MB\x1b[K",
    "\rCopying - 3MB\x1b[K",
    "\rCopying - 4MB\x1b[K",
    "\r\x1b[K",
  ]);
});

Deno.test("a short copy, one without a terminal and a quiet one have none", async () => {
  assert.deepEqual(await shown(100, "Copying - "), []);
  assert.deepEqual(await shown(300, "Copying - ", false), []);
  assert.deepEqual(await shown(300, undefined), []);
});
