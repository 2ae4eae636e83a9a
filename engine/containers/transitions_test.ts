import assert from "node:assert/strict";
import { checkTransition } from "./transitions.ts";

Deno.test("checkTransition() lets a container start from created and exited only", () => {
  for (const from of ["created", "exited"] as const) checkTransition("x", from, "starting");
  for (const from of ["running", "starting", "removing"] as const) {
    assert.throws(() => checkTransition("x", from, "starting"), new RegExp(`no way leads from ${from} to starting`));
  }
});

Deno.test("checkTransition() never lets a running container be removed without an end", () => {
  assert.throws(
    () => checkTransition("x", "running", "removing"),
    /container x: no way leads from running to removing/,
  );
});
