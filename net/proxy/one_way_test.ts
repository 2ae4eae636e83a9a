import assert from "node:assert/strict";
import type { Fd } from "../../sys/fd.ts";
import { pipe } from "../../sys/file.ts";
import { tryRead, tryWrite } from "../../sys/nonblocking.ts";
import { O } from "../../sys/open.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import { OneWay } from "./one_way.ts";
import { PipePool } from "./pipe_pool.ts";

/** A pipe stands for each socket: it has an end, and room for 64 KiB. */
function world() {
  const stack = new DisposableStack();
  const [source, sink] = [pipe(O.NONBLOCK), pipe(O.NONBLOCK)];
  for (const fd of [source.reader, source.writer, sink.reader, sink.writer]) stack.use(fd);
  const pipes = stack.use(new PipePool());
  const way = stack.use(new OneWay(source.reader, sink.writer, pipes));
  return { source, sink, pipes, way, [Symbol.dispose]: () => stack.dispose() };
}

function fill(fd: Fd, byte: number): number {
  let written = 0;
  for (let n: number | undefined = 0; n !== undefined; written += n ?? 0) {
    n = tryWrite(fd, new Uint8Array(4096).fill(byte));
  }
  return written;
}

function drain(fd: Fd): number[] {
  const seen: number[] = [];
  const buffer = new Uint8Array(1 << 16);
  for (let n = tryRead(fd, buffer); n !== undefined && n > 0; n = tryRead(fd, buffer)) {
    seen.push(...buffer.subarray(0, n));
  }
  return seen;
}

Deno.test("move() passes on what there is and says what holds it up", () => {
  using given = world();
  const { source, sink, way } = given;
  assert.equal(way.move(), "nothing");
  tryWrite(source.writer, new Uint8Array([1, 2, 3]));
  assert.equal(way.move(), "nothing");
  assert.deepEqual(drain(sink.reader), [1, 2, 3]);
  tryWrite(source.writer, new Uint8Array([4]));
  source.writer.close();
  assert.equal(way.move(), "end");
  assert.deepEqual(drain(sink.reader), [4]);
});

Deno.test("what finds no room waits, in order, and the end waits behind it", () => {
  using given = world();
  const { source, sink, way } = given;
  const first = fill(sink.writer, 1);
  tryWrite(source.writer, new Uint8Array([2, 2]));
  assert.equal(way.move(), "no room");
  source.writer.close();
  assert.equal(way.move(), "no room");
  assert.equal(drain(sink.reader).length, first);
  assert.equal(way.move(), "end");
  assert.deepEqual(drain(sink.reader), [2, 2]);
});

Deno.test("move() fails when nobody is left to read", () => {
  using given = world();
  const { source, sink, way } = given;
  sink.reader.close();
  tryWrite(source.writer, new Uint8Array([1]));
  assert.throws(() => way.move(), (error) => isErrno(error, "EPIPE"));
});

Deno.test("a pipe is used again by the next, unless data wait in it", () => {
  using given = world();
  const { source, sink, pipes, way } = given;
  way.move();
  const free = pipes.take();
  pipes.giveBack(free);
  assert.equal(pipes.take(), free);
  pipes.giveBack(free);
  fill(sink.writer, 1);
  tryWrite(source.writer, new Uint8Array([2]));
  assert.equal(way.move(), "no room");
  const other = pipes.take();
  assert.notEqual(other, free);
  pipes.giveBack(other);
});

Deno.test("a pipe in which nothing waits is given back when the source breaks", () => {
  using given = world();
  const free = given.pipes.take();
  given.pipes.giveBack(free);
  given.source.reader.close();
  assert.throws(() => given.way.move(), (error) => isErrno(error, "EBADF"));
  assert.equal(given.pipes.take(), free);
  given.pipes.giveBack(free);
});

Deno.test("a pool keeps as many pipes as it is told, and none after its end", () => {
  const pipes = new PipePool(1);
  const [a, b] = [pipes.take(), pipes.take()];
  pipes.giveBack(a);
  pipes.giveBack(b);
  assert.equal(b.reader.number, -1);
  pipes[Symbol.dispose]();
  assert.equal(a.writer.number, -1);
});
