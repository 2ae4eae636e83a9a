import assert from "node:assert/strict";
import { parseVersion, splitVersion } from "./api_version.ts";

Deno.test("splitVersion() takes the version off the path, if there is one", () => {
  assert.deepEqual(splitVersion("/v1.41/containers/json"), { path: "/containers/json", version: "1.41" });
  assert.deepEqual(splitVersion("/containers/v1.41/json"), { path: "/containers/v1.41/json", version: undefined });
  assert.deepEqual(splitVersion("/version"), { path: "/version", version: undefined });
});

Deno.test("parseVersion() takes 1.24 to 1.47", () => {
  assert.equal(parseVersion(undefined), 47);
  assert.equal(parseVersion("1.24"), 24);
  assert.equal(parseVersion("1.47"), 47);
});

Deno.test("parseVersion() refuses older and newer clients with docker's sentences", () => {
  const old = "client version 1.23 is too old. Minimum supported API version is 1.24, " +
    "please upgrade your client to a newer version";
  assert.throws(() => parseVersion("1.23"), { class: "invalid", message: old });
  for (const text of ["0.9", "1", "1.", "..", "1.5"]) assert.throws(() => parseVersion(text), /is too old/, text);
  const young = "client version 1.99 is too new. Maximum supported API version is 1.47";
  assert.throws(() => parseVersion("1.99"), { class: "invalid", message: young });
  assert.throws(() => parseVersion("2.0"), /is too new/);
});
