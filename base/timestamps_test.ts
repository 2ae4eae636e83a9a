import assert from "node:assert/strict";
import { parseRfc3339 } from "./time.ts";
import { fromNanoseconds, now, nowNanoseconds, shortTimestamp, ZERO_TIME } from "./timestamps.ts";

Deno.test("fromNanoseconds() and parseRfc3339() are each other's inverse, to the nanosecond", () => {
  for (const time of [0n, 1n, 999_999_999n, 1_767_323_045_123_456_789n, -1n, -62_135_596_800_000_000_000n]) {
    assert.equal(parseRfc3339(fromNanoseconds(time)), time);
  }
  assert.equal(fromNanoseconds(1_767_323_045_123_456_789n), "2026-01-02T03:04:05.123456789Z");
  assert.equal(fromNanoseconds(1_767_323_045_000_000_000n), "2026-01-02T03:04:05.000000000Z");
});

Deno.test("shortTimestamp() leaves out what Go leaves out", () => {
  assert.equal(shortTimestamp(1_767_323_045_120_000_000n), "2026-01-02T03:04:05.12Z");
  assert.equal(shortTimestamp(1_767_323_040_000_000_000n), "2026-01-02T03:04:00Z");
  assert.equal(shortTimestamp(parseRfc3339(ZERO_TIME)), ZERO_TIME);
});

Deno.test("nowNanoseconds() stays within the millisecond of the clock of the day and never goes back", () => {
  let last = nowNanoseconds();
  for (let i = 0; i < 1000; i++) {
    const before = BigInt(Date.now());
    const time = nowNanoseconds();
    const after = BigInt(Date.now());
    assert(time / 1_000_000n >= before && time / 1_000_000n <= after);
    assert(time >= last);
    last = time;
  }
  assert.match(now(), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
});
