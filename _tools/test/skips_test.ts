import assert from "node:assert/strict";
import { parseSkips, skipReason } from "./skips.ts";

const skips = parseSkips(`{"file":"tests/a_test.ts","line":3,"reason":"needs root"}
{"file":"tests/a_test.ts","line":30,"reason":"needs docker"}
{"file":"tests/b_test.ts","line":5,"name":"b","reason":"needs v2"}
`);
const rows = [
  { name: "b", file: "./tests/other_test.ts", line: 99, reason: "needs v2" },
  { name: "a1", file: "./tests/a_test.ts", line: 4, reason: "needs root" },
  { name: "a2", file: "./tests/a_test.ts", line: 29, reason: "needs docker" },
  { name: "c", file: "./tests/b_test.ts", line: 5, reason: "no reason given" },
];
for (const { reason, ...test } of rows) {
  Deno.test(`skipReason() of ${test.name} at ${test.file}:${test.line} is ${reason}`, () => {
    assert.equal(skipReason({ ...test, outcome: "skipped" }, skips), reason);
  });
}
