import assert from "node:assert/strict";
import { PassingError } from "./registry_error.ts";
import { Stall } from "./stall.ts";

const never = new AbortController().signal;

async function aborted(signal: AbortSignal): Promise<unknown> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  return signal.reason;
}

Deno.test("Stall gives up when nothing has moved for so long, and that may pass", async () => {
  using stall = new Stall(never, 20);
  const reason = await aborted(stall.signal);
  assert.ok(reason instanceof PassingError);
  assert.equal(reason.message, "no answer for 0.02 s");
});

Deno.test("Stall counts anew from the last movement", async () => {
  using stall = new Stall(never, 30);
  await new Promise((resolve) => setTimeout(resolve, 10));
  stall.moved();
  const moved = performance.now();
  await aborted(stall.signal);
  assert.ok(performance.now() - moved >= 29, "no sooner than it should");
});

Deno.test("Stall passes on who else gives up, and is silent when it is over", async () => {
  const stop = new AbortController();
  using stall = new Stall(stop.signal, 60_000);
  stop.abort(new Error("enough"));
  assert.match(String(await aborted(stall.signal)), /enough/);
});
