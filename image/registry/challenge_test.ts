import assert from "node:assert/strict";
import { parseChallenges } from "./challenge.ts";

const realm = "https://auth.example/token";

for (
  const [name, header, expected] of [
    ["a bearer with its parameters", `Bearer realm="${realm}",service="r.example",scope="repository:a/b:pull"`, [
      { scheme: "bearer", parameters: { realm, service: "r.example", scope: "repository:a/b:pull" } },
    ]],
    ["basic, with a space after the comma", 'Basic realm="a \\"b\\"", charset=UTF-8', [
      { scheme: "basic", parameters: { realm: 'a "b"', charset: "UTF-8" } },
    ]],
    ["several in one header", `Basic realm="x", BEARER Realm="${realm}"`, [
      { scheme: "basic", parameters: { realm: "x" } },
      { scheme: "bearer", parameters: { realm } },
    ]],
    ["a comma in a quoted value", 'Bearer realm="a",scope="repository:a:pull,push"', [
      { scheme: "bearer", parameters: { realm: "a", scope: "repository:a:pull,push" } },
    ]],
    ["nothing", "", []],
    ["rubbish", '="x"', []],
  ] satisfies [string, string, unknown][]
) {
  Deno.test(`parseChallenges() reads ${name}`, () => assert.deepEqual(parseChallenges(header), expected));
}
