import assert from "node:assert/strict";
import { hasLabel } from "./labels.ts";

Deno.test("hasLabel() looks for a name, or a name with a value", () => {
  const labels = { tier: "a=b", empty: "" };
  for (const wanted of ["tier", "tier=a=b", "empty", "empty="]) assert(hasLabel(labels, wanted), wanted);
  for (const wanted of ["tier=", "tier=a", "empty=x", "other", "toString", ""]) {
    assert(!hasLabel(labels, wanted), wanted);
  }
});
