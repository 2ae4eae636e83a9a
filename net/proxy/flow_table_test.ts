import assert from "node:assert/strict";
import { type Flow, FlowTable } from "./flow_table.ts";

function flow(key: string, lastUsed = 0): Flow {
  return { key, lastUsed, answered: false };
}

function keys(flows: readonly (Flow | undefined)[]): (string | undefined)[] {
  return flows.map((flow) => flow?.key);
}

Deno.test("a flow is found by its key until it is deleted", () => {
  const table = new FlowTable(10);
  const a = flow("a");
  assert.equal(table.add(a), undefined);
  assert.equal(table.get("a"), a);
  table.use(a, 1, true);
  assert.equal(table.get("a"), a);
  assert.equal(table.size, 1);
  table.delete(a);
  assert.equal(table.get("a"), undefined);
  assert.equal(table.size, 0);
});

Deno.test("where there are too many, the longest silent one that had no answer goes first, then of those that had", () => {
  const table = new FlowTable(3);
  const [a, b, c] = [flow("a"), flow("b"), flow("c")];
  for (const each of [a, b, c]) table.add(each);
  table.use(a, 1, true);
  table.use(b, 2, false); // so c is the longest silent without an answer
  assert.deepEqual(keys([table.add(flow("d")), table.add(flow("e"))]), ["c", "b"]);
  const [d, e] = [table.get("d"), table.get("e")];
  for (const each of [d, e]) if (each !== undefined) table.use(each, 3, true);
  assert.deepEqual(keys([table.add(flow("f"))]), ["a"]);
  assert.equal(table.size, 3);
});

Deno.test("takeSilentSince() takes those that have not been used after that time", () => {
  const table = new FlowTable(10);
  const flows = ["a", "b", "c", "d"].map((key) => flow(key));
  for (const each of flows) table.add(each);
  const [a, b, c, d] = flows;
  if (a && b && c && d) {
    table.use(c, 10, false);
    table.use(a, 20, true);
    table.use(b, 30, false);
    table.use(d, 40, true);
    table.use(a, 35, false); // an answered flow stays answered
  }
  assert.deepEqual(keys(table.takeSilentSince(30)).sort(), ["b", "c"]);
  assert.deepEqual(keys(table.takeSilentSince(Infinity)).sort(), ["a", "d"]);
  assert.equal(table.size, 0);
});
