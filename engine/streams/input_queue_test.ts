import assert from "node:assert/strict";
import { Reactor } from "../../runtime/reactor.ts";
import { pipe } from "../../sys/file.ts";
import { tryRead } from "../../sys/nonblocking.ts";
import { O } from "../../sys/open.ts";
import { InputQueue } from "./input_queue.ts";

function setUp(ownsDescriptor = true) {
  const reactor = new Reactor({ onError: (error) => assert.fail(String(error)) });
  const { reader, writer } = pipe(O.NONBLOCK);
  return { reactor, reader, writer, queue: new InputQueue(writer, reactor, { ownsDescriptor }) };
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

Deno.test("write() settles when the pipe has taken it, in order, and close() comes after all of it", async () => {
  const { reactor, reader, queue } = setUp();
  await using _ = reactor;
  using _reader = reader;
  await queue.write(new TextEncoder().encode("first "));
  const sizes = [300_000, 1, 200_000];
  const settled: number[] = [];
  const writes = sizes.map((size, i) =>
    queue.write(new Uint8Array(size).fill(48 + i)).then(() => void settled.push(i))
  );
  const closed = queue.close().then(() => void settled.push(99));
  await turn();
  assert.deepEqual(settled, []);
  const chunk = new Uint8Array(65_536);
  const counts = new Map<number, number>();
  for (let length = tryRead(reader, chunk); length !== 0; length = tryRead(reader, chunk)) {
    if (length === undefined) await turn();
    for (const byte of chunk.subarray(0, length ?? 0)) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  }
  await Promise.all([...writes, closed]);
  assert.deepEqual([48, 49, 50].map((byte) => counts.get(byte)), sizes);
  assert.deepEqual(settled, [0, 1, 2, 99]);
});

Deno.test("write() to a process that reads no more settles, and so do the writes that waited", async () => {
  const { reactor, reader, queue } = setUp();
  await using _ = reactor;
  const waiting = queue.write(new Uint8Array(1 << 20));
  reader.close();
  await waiting;
  await queue.write(new Uint8Array(10));
  await queue.close();
});

Deno.test("dispose lets go of everything: writers go on, the descriptor is closed if it is owned", async () => {
  for (const owned of [true, false]) {
    const { reactor, reader, writer, queue } = setUp(owned);
    await using _ = reactor;
    using _reader = reader;
    using _writer = writer;
    const waiting = queue.write(new Uint8Array(1 << 20));
    queue[Symbol.dispose]();
    await waiting;
    assert.equal(writer.number === -1, owned);
  }
});

Deno.test("write() refuses what nobody waits for beyond 16 MiB", async () => {
  const { reactor, reader, queue } = setUp();
  await using _ = reactor;
  using _reader = reader;
  using _queue = queue;
  const first = queue.write(new Uint8Array(16 << 20));
  await assert.rejects(queue.write(new Uint8Array(1 << 20)), { class: "unavailable" });
  queue[Symbol.dispose]();
  await first;
});
