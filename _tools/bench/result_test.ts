import assert from "node:assert/strict";
import { median, ratio } from "./result.ts";

Deno.test("median() is the middle of an odd number of figures, whatever their order", () => {
  assert.equal(median([9, 1, 5]), 5);
});

Deno.test("median() is between the two middle ones of an even number, and undefined of none", () => {
  assert.equal(median([4, 1, 2, 100]), 3);
  assert.equal(median([]), undefined);
});

Deno.test("ratio() is above 1 for the better one, whether less or more is better", () => {
  assert.equal(ratio(10, 50, "less"), 5);
  assert.equal(ratio(50, 10, "more"), 5);
  assert.equal(ratio(20, 10, "less"), 0.5);
});
