import assert from "node:assert/strict";
import { SharedRun } from "./shared_run.ts";

Deno.test("a SharedRun serves by one run all who ask in one breath, and by the next all who ask meanwhile", async () => {
  const gates: PromiseWithResolvers<void>[] = [];
  const runs = new SharedRun(() => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    return gate.promise;
  });
  const first = [runs.request(), runs.request()];
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(gates.length, 1);
  const second = [runs.request(), runs.request()];
  gates[0]?.resolve();
  await Promise.all(first);
  assert.equal(gates.length, 2);
  gates[1]?.reject(new Error("no"));
  for (const promise of second) await assert.rejects(promise, /no/);
  const third = runs.request();
  await Promise.resolve();
  await Promise.resolve();
  gates[2]?.resolve();
  await third;
});
