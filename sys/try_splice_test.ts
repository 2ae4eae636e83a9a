import assert from "node:assert/strict";
import { pipe, writeAll } from "./file.ts";
import { O } from "./open.ts";
import { isErrno } from "./syscall_error.ts";
import { trySplice } from "./try_splice.ts";

Deno.test("trySplice() tells nothing there, how much it has moved, the end, and nobody who reads", () => {
  const from = pipe(O.NONBLOCK), to = pipe(O.NONBLOCK);
  using stack = new DisposableStack();
  for (const end of [from.reader, from.writer, to.reader, to.writer]) stack.use(end);
  assert.equal(trySplice(from.reader, to.writer, 100), undefined);
  writeAll(from.writer, new Uint8Array(10));
  assert.equal(trySplice(from.reader, to.writer, 4), 4);
  assert.equal(trySplice(from.reader, to.writer, 100), 6);
  writeAll(from.writer, new Uint8Array(10));
  to.reader.close();
  assert.throws(() => trySplice(from.reader, to.writer, 100), (error) => isErrno(error, "EPIPE"));
  from.writer.close();
  const rest = pipe(O.NONBLOCK);
  for (const end of [rest.reader, rest.writer]) stack.use(end);
  assert.equal(trySplice(from.reader, rest.writer, 100), 10);
  assert.equal(trySplice(from.reader, rest.writer, 100), 0);
});
