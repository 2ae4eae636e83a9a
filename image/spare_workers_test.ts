import assert from "node:assert/strict";
import { SpareWorkers } from "./spare_workers.ts";

/** Whether a worker answers an order, by refusing a job that cannot be, within so many milliseconds. */
function answers(worker: Worker, patience: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), patience);
  worker.onmessage = () => {
    clearTimeout(timer);
    resolve(true);
  };
  worker.postMessage({ job: { source: { path: "/nowhere", offset: 0, length: 1 }, expected: { size: 2 } } });
  return promise;
}

const lives = (worker: Worker) => answers(worker, 60_000); // it may have to be compiled first
const hasEnded = async (worker: Worker) => !await answers(worker, 500);

Deno.test("a worker that has nothing to do serves the next load; one too many is ended", async () => {
  using spare = new SpareWorkers();
  const workers = [spare.take(), spare.take(), spare.take()];
  assert.deepEqual(await Promise.all(workers.map(lives)), [true, true, true]);
  for (const worker of workers) spare.giveBack(worker);
  const [first, second, third] = workers;
  assert.ok(first && second && third);
  assert.ok(await hasEnded(third));
  assert.equal(spare.take(), second);
  assert.equal(spare.take(), first);
  assert.ok(await lives(first));
  for (const worker of [first, second]) spare.giveBack(worker);
});

Deno.test("once they are disposed of, all that have nothing to do are ended, and so is who comes back later", async () => {
  const spare = new SpareWorkers();
  const [idle, busy] = [spare.take(), spare.take()];
  assert.deepEqual(await Promise.all([idle, busy].map(lives)), [true, true]);
  spare.giveBack(idle);
  spare[Symbol.dispose]();
  spare.giveBack(busy);
  assert.deepEqual(await Promise.all([idle, busy].map(hasEnded)), [true, true]);
});
