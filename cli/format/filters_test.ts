import assert from "node:assert/strict";
import { filterFlag, parseFilters } from "./filters.ts";

Deno.test("filters of one name are gathered; names are not case-sensitive, values may hold =", () => {
  const filters = parseFilters(["label=a=b", "Label = c", "", "status=running"]);
  assert.deepEqual(filters, { label: ["a=b", "c"], status: ["running"] });
});

Deno.test("a filter without a value is refused in docker's words", () => {
  assert.throws(() => filterFlag("", "f").check?.("x"), { message: "bad format of filter (expected name=value)" });
});
