import assert from "node:assert/strict";
import { readRange } from "./file_range.ts";
import { FileWriter } from "./file_writer.ts";

/** More than two of the reader's pieces, and no multiple of them. */
const data = new Uint8Array(1_500_000).map((_, i) => i * 31 % 251);

async function inFolder(fn: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  await fn(`${folder}/file`).finally(() => Deno.remove(folder, { recursive: true }));
}

async function bytesOf(range: Parameters<typeof readRange>[0]): Promise<Uint8Array> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of readRange(range)) pieces.push(piece.slice());
  return await new Blob(pieces).bytes();
}

for (const [offset, length] of [[0, data.length], [17, 600_000], [data.length - 1, 1], [5, 0]] as const) {
  Deno.test(`readRange() gives ${length} bytes from ${offset} on`, async () => {
    await inFolder(async (path) => {
      await Deno.writeFile(path, data);
      assert.deepEqual(await bytesOf({ path, offset, length }), data.subarray(offset, offset + length));
    });
  });
}

Deno.test("readRange() refuses a file that ends before", async () => {
  await inFolder(async (path) => {
    await Deno.writeFile(path, data);
    const range = { path, offset: 10, length: data.length };
    await assert.rejects(bytesOf(range), {
      class: "invalid",
      message: "the archive is truncated: 10 bytes are missing",
    });
  });
});

Deno.test("readRange() waits for what FileWriter has yet to write, in pieces of any size", async () => {
  await inFolder(async (path) => {
    await using file = await FileWriter.create(path, "write a test's file");
    const reading = bytesOf({ path, offset: 0, length: data.length, growing: true });
    const memory = new Uint8Array(300_000);
    for (let at = 0, size = 1; at < data.length; at += size, size = Math.min(size * 7, memory.length)) {
      const piece = data.subarray(at, at + size);
      memory.set(piece);
      await file.write(memory.subarray(0, piece.length));
      memory.fill(0); // it may be used again
    }
    await file.flush();
    assert.deepEqual(await reading, data);
  });
});

Deno.test("readRange() gives up on a growing file that is removed, and says so when it is asked", async () => {
  await inFolder(async (path) => {
    const start = data.subarray(0, 1000);
    await Deno.writeFile(path, start);
    const pieces = readRange({ path, offset: 0, length: data.length, growing: true });
    assert.deepEqual((await pieces.next()).value, start);
    await Deno.remove(path);
    // The next piece is read meanwhile; a failure that nobody hears of would end this program.
    await new Promise((resolve) => setTimeout(resolve, 100));
    await assert.rejects(pieces.next(), { class: "invalid", message: "the download was given up" });
  });
});
