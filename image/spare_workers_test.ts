import assert from "node:assert/strict";
import { SpareWorkers } from "./spare_workers.ts";

/** Whether a worker answers an order, by refusing a job that cannot be. */
function answers(worker: Worker): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), 1000);
  worker.onmessage = () => {
    clearTimeout(timer);
    resolve(true);
  };
  worker.postMessage({ job: { source: { path: "/nowhere", offset: 0, length: 1 }, expected: { size: 2 } } });
  return promise;
}

Deno.test("a worker that has nothing to do serves the next load; one too many is ended", async () => {
  using spare = new SpareWorkers();
  const workers = [spare.take(), spare.take(), spare.take()];
  assert.deepEqual(await Promise.all(workers.map(answers)), [true, true, true]);
  for (const worker of workers) spare.giveBack(worker);
  const [first, second, third] = workers;
  assert.ok(first && second && third);
  assert.equal(await answers(third), false);
  assert.equal(spare.take(), second);
  assert.equal(spare.take(), first);
  assert.equal(await answers(first), true);
  for (const worker of [first, second]) spare.giveBack(worker);
});

Deno.test("once they are disposed of, all that have nothing to do are ended, and so is who comes back later", async () => {
  const spare = new SpareWorkers();
  const [idle, busy] = [spare.take(), spare.take()];
  assert.deepEqual(await Promise.all([answers(idle), answers(busy)]), [true, true]);
  spare.giveBack(idle);
  spare[Symbol.dispose]();
  spare.giveBack(busy);
  assert.deepEqual(await Promise.all([answers(idle), answers(busy)]), [false, false]);
});
