import assert from "node:assert/strict";
import { parseProcessStat, processStat } from "./process_table.ts";

/** The fields from the state on; the start time is the 22nd of all. */
const rest = "S 17 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1000 2000\n";

const names = ["keeper", "a b", "x) Z 1 (y", ")", "((("];
for (const name of names) {
  Deno.test(`parseProcessStat() is not misled by a process that calls itself ${name}`, () => {
    assert.deepEqual(parseProcessStat(`4711 (${name}) ${rest}`), { state: "S", parent: 17, startTime: "987654" });
  });
}

const broken = ["", "4711", "4711 (x)", "4711 (x) S 1"];
for (const line of broken) {
  Deno.test(`parseProcessStat() finds no process in ${JSON.stringify(line)}`, () => {
    assert.equal(parseProcessStat(line), undefined);
  });
}

Deno.test("processStat() knows this process and its parent", () => {
  assert.equal(processStat(Deno.pid)?.parent, Deno.ppid);
});

Deno.test("processStat() knows nothing of a pid beyond all pids", () => {
  assert.equal(processStat(2 ** 30), undefined);
});
