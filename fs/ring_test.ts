import assert from "node:assert/strict";
import { Ring } from "./ring.ts";

const pieces = (ring: Ring) => Array.from(ring.read(), (piece) => piece.slice());

Deno.test("a ring gives what was written, in pieces of at most 512 KiB, and what was said at the end", () => {
  const ring = new Ring();
  const large = crypto.getRandomValues(new Uint8Array(1 << 16)).buffer;
  const bytes = new Uint8Array(1_200_000).map((_, i) => new Uint8Array(large)[i % (1 << 16)] ?? 0);
  ring.write(new Uint8Array());
  ring.write(new Uint8Array([1, 2, 3]));
  ring.write(bytes);
  ring.end("said");
  const other = new Ring(ring.memory);
  const read = pieces(other);
  assert.deepEqual(read.map(({ length }) => length), [3, 524_288, 524_288, 151_424]);
  assert.deepEqual(new Uint8Array(read.flatMap((piece) => [...piece])), new Uint8Array([1, 2, 3, ...bytes]));
  assert.equal(other.text, "said");
  assert.equal(other.failed, undefined);
});

Deno.test("what is read makes room, and the memory of a piece is another's afterwards", () => {
  const ring = new Ring();
  const reading = ring.read();
  for (let i = 0; i < 4; i++) ring.write(new Uint8Array([i]));
  for (let i = 4; i < 50; i++) {
    assert.deepEqual(reading.next().value, new Uint8Array([i - 4])); // and makes room for one: that of the piece before
    if (i > 4) ring.write(new Uint8Array([i - 1]));
  }
});

Deno.test("who fails first lets the other side fail, and the other cannot undo it", () => {
  const byWriter = new Ring();
  byWriter.write(new Uint8Array(1));
  byWriter.fail("writer");
  byWriter.fail("reader");
  assert.throws(() => pieces(byWriter), /the writer of a ring has failed/);
  assert.equal(byWriter.failed, "writer");
  const byReader = new Ring();
  byReader.fail("reader");
  byReader.end("all");
  assert.throws(() => byReader.write(new Uint8Array(1)), /the reader of a ring has failed/);
  assert.equal(byReader.failed, "reader");
  const ended = new Ring();
  ended.end("all");
  ended.fail("reader");
  assert.equal(ended.failed, undefined);
});

Deno.test("two threads: whoever is faster waits for the other, and nothing is lost", async () => {
  const ring = new Ring();
  const source = `
    import { Ring } from "${new URL("./ring.ts", import.meta.url)}";
    onmessage = ({ data }) => {
      const ring = new Ring(data);
      for (let i = 0; i < 20_000; i++) ring.write(new Uint8Array([i & 255, i >> 8]));
      ring.end("done");
    };`;
  const reader = `
    import { Ring } from "${new URL("./ring.ts", import.meta.url)}";
    onmessage = ({ data }) => {
      let next = 0;
      for (const [low, high] of new Ring(data).read()) if ((high << 8 | low) === next) next++;
      postMessage(next);
    };`;
  const workers = [reader, source].map((code) =>
    new Worker(`data:text/javascript,${encodeURIComponent(code)}`, { type: "module" })
  );
  try {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    for (const worker of workers) {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(ring.memory);
    }
    assert.equal(await promise, 20_000);
  } finally {
    for (const worker of workers) worker.terminate();
  }
});
