import assert from "node:assert/strict";
import { parseFilters, Query } from "./query.ts";

Deno.test("bool() takes docker's words for no, and anything else for yes", () => {
  for (const no of ["", "0", "no", "false", "none", " FALSE "]) assert.equal(new Query(`a=${no}`).bool("a"), false, no);
  for (const yes of ["1", "true", "True", "yes", "x"]) assert.equal(new Query(`a=${yes}`).bool("a"), true, yes);
  assert.equal(new Query("").bool("a"), false);
  assert.equal(new Query("").bool("a", true), true);
  assert.equal(new Query("a=").bool("a", true), false);
});

Deno.test("int() refuses what is no whole number", () => {
  assert.equal(new Query("t=-1").int("t"), -1);
  assert.equal(new Query("t=").int("t"), undefined);
  for (const bad of ["1.5", "1e3", "x", "0x10", "99999999999999999999"]) {
    assert.throws(() => new Query(`t=${bad}`).int("t"), { class: "invalid" }, bad);
  }
});

Deno.test("time() keeps every nanosecond", () => {
  assert.equal(new Query("since=1700000000.123456789").time("since"), 1700000000123456789n);
  assert.equal(new Query("since=1700000000.5").time("since"), 1700000000500000000n);
  assert.equal(new Query("since=0").time("since"), 0n);
  assert.equal(new Query("since=").time("since"), undefined);
  assert.throws(() => new Query("since=yesterday").time("since"), { class: "invalid" });
});

Deno.test("parseFilters() reads lists and the older maps alike", () => {
  assert.deepEqual(parseFilters('{"label":["a=b"],"status":["running","paused"]}'), {
    label: ["a=b"],
    status: ["running", "paused"],
  });
  assert.deepEqual(parseFilters('{"label":{"a=b":true}}'), { label: ["a=b"] });
  assert.deepEqual(parseFilters(undefined), {});
});

Deno.test("parseFilters() refuses everything else", () => {
  for (const bad of ["{", "[]", '"x"', '{"label":"a"}', '{"label":[1]}', '{"label":null}']) {
    assert.throws(() => parseFilters(bad), { class: "invalid", message: /^invalid filter/ }, bad);
  }
});
