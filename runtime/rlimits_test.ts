import assert from "node:assert/strict";
import { parseUlimit, RLIMIT_INFINITY } from "./rlimits.ts";

Deno.test("parseUlimit() gives number and limits for prlimit64", () => {
  assert.deepEqual(parseUlimit({ Name: "nofile", Soft: 1024, Hard: 4096 }), { resource: 7, soft: 1024n, hard: 4096n });
});

Deno.test("parseUlimit() reads -1 as no limit", () => {
  assert.deepEqual(parseUlimit({ Name: "core", Soft: 0, Hard: -1 }), { resource: 4, soft: 0n, hard: RLIMIT_INFINITY });
  assert.equal(parseUlimit({ Name: "memlock", Soft: -1, Hard: -1 }).soft, RLIMIT_INFINITY);
});

const refused = [
  {
    limit: { Name: "nofile", Soft: 2, Hard: 1 },
    message: "ulimit soft limit must be less than or equal to hard limit: 2 > 1",
  },
  {
    limit: { Name: "nofile", Soft: -1, Hard: 9 },
    message: "ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited), hard: 9",
  },
  { limit: { Name: "as", Soft: 1, Hard: 1 }, message: "invalid ulimit type: as" },
  { limit: { Name: "toString", Soft: 1, Hard: 1 }, message: "invalid ulimit type: toString" },
  { limit: { Name: "nproc", Soft: 1.5, Hard: 2 }, message: "invalid value of ulimit nproc: 1.5" },
  { limit: { Name: "nproc", Soft: -2, Hard: 2 }, message: "invalid value of ulimit nproc: -2" },
  { limit: { Name: "nproc", Soft: NaN, Hard: 2 }, message: "invalid value of ulimit nproc: NaN" },
];
for (const { limit, message } of refused) {
  Deno.test(`parseUlimit() refuses: ${message}`, () => {
    assert.throws(() => parseUlimit(limit), { class: "invalid", message });
  });
}
