import assert from "node:assert/strict";
import type { ProgressMessage } from "../../base/docker/image.ts";
import { SharedWork, type Tell } from "./shared_work.ts";

const never = new AbortController().signal;
const ignore = () => {};

Deno.test("SharedWork tells all who wait, and those who come later the last message", async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  let tell: Tell = ignore;
  const work = new SharedWork((teller) => {
    tell = teller;
    return promise;
  });
  const [first, second]: [ProgressMessage[], ProgressMessage[]] = [[], []];
  const one = work.wait((message) => first.push(message), never);
  tell({ status: "1" });
  const two = work.wait((message) => second.push(message), never);
  tell({ status: "2" });
  resolve(7);
  assert.deepEqual([await one, await two], [7, 7]);
  assert.deepEqual([first, second], [[{ status: "1" }, { status: "2" }], [{ status: "1" }, { status: "2" }]]);
});

Deno.test("SharedWork goes on when one of two gives up, and stops when both have", async () => {
  const work = new SharedWork((_tell, signal) =>
    new Promise<void>((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))))
  );
  const [one, two] = [new AbortController(), new AbortController()];
  const first = work.wait(ignore, one.signal), second = work.wait(ignore, two.signal);
  one.abort(new Error("one"));
  await assert.rejects(first, /one/);
  assert.equal(work.abandoned, false);
  two.abort(new Error("two"));
  await assert.rejects(second, /two/);
  assert.equal(work.abandoned, true);
});
