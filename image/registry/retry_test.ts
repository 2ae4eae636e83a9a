import assert from "node:assert/strict";
import { invalid } from "../../base/errors.ts";
import { PassingError } from "./registry_error.ts";
import { withRetries } from "./retry.ts";

const signal = new AbortController().signal;

Deno.test("withRetries() tries five times what passes, and once what does not", async () => {
  let times = 0;
  await assert.rejects(
    withRetries({ delay: 0, signal }, () => {
      times++;
      return Promise.reject(new PassingError("busy"));
    }),
    /busy/,
  );
  assert.equal(times, 5);
  await assert.rejects(withRetries({ delay: 0, signal }, () => (times++, Promise.reject(invalid("wrong")))), /wrong/);
  assert.equal(times, 6);
});

Deno.test("withRetries() counts anew when something was achieved", async () => {
  let bytes = 0;
  const result = withRetries({ delay: 0, signal, achieved: () => bytes }, () => {
    return ++bytes === 20 ? Promise.resolve("all") : Promise.reject(new PassingError("broke off"));
  });
  assert.equal(await result, "all");
});

Deno.test("withRetries() waits as long as it is asked to, and tells it", async () => {
  const waits: number[] = [];
  let times = 0;
  await withRetries({ delay: 0, signal, onWait: (seconds) => waits.push(seconds) }, () => {
    return ++times === 2 ? Promise.resolve() : Promise.reject(new PassingError("busy", { retryAfter: 10 }));
  });
  assert.deepEqual(waits, [1]);
});

Deno.test("withRetries() gives up at once when it is aborted", async () => {
  const stop = new AbortController();
  const waiting = withRetries({ delay: 60_000, signal: stop.signal }, () => Promise.reject(new PassingError("busy")));
  setTimeout(() => stop.abort(new Error("enough")), 5);
  await assert.rejects(waiting, /enough/);
});
