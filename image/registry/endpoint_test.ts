import assert from "node:assert/strict";
import { endpointsOf, isInsecure, parseMirror, type RegistrySettings } from "./endpoint.ts";

const settings = (given: Partial<RegistrySettings> = {}): RegistrySettings => {
  return { insecure: [], mirrors: [], certificates: [], retryDelay: 1, ...given };
};

for (
  const [host, insecure, expected] of [
    ["localhost:5000", [], true],
    ["127.0.0.1:5000", [], true],
    ["127.8.9.1", [], true],
    ["[::1]:5000", [], true],
    ["localhost.example", [], false],
    ["10.1.2.3:5000", [], false],
    ["10.1.2.3:5000", ["10.1.0.0/16"], true],
    ["10.2.2.3:5000", ["10.1.0.0/16"], false],
    ["[fd00::1]:5000", ["fd00::/8"], true],
    ["r.example:5000", ["r.example:5000"], true],
    ["r.example:5001", ["r.example:5000"], false],
    ["r.example:5001", ["r.example"], true],
    ["docker.io", [], false],
  ] satisfies [string, string[], boolean][]
) {
  Deno.test(`${host} is ${expected ? "" : "not "}insecure with ${JSON.stringify(insecure)}`, () => {
    assert.equal(isInsecure(host, insecure), expected);
  });
}

Deno.test("endpointsOf() asks the mirrors for Docker Hub alone, and gives them no credentials", () => {
  const given = settings({ mirrors: ["https://m.example/sub/", "http://localhost:5000"] });
  assert.deepEqual(
    endpointsOf("docker.io", given).map(({ host, prefix, schemes, mirror }) => ({ host, prefix, schemes, mirror })),
    [
      { host: "m.example", prefix: "/sub", schemes: ["https"], mirror: true },
      { host: "localhost:5000", prefix: "", schemes: ["http"], mirror: true },
      { host: "registry-1.docker.io", prefix: "", schemes: ["https"], mirror: false },
    ],
  );
  assert.deepEqual(endpointsOf("r.example", given).map(({ host }) => host), ["r.example"]);
});

for (
  const text of [
    "m.example",
    "ftp://m.example",
    "https://a:b@m.example",
    "https://m.example/?x=1",
    "https://m.example/#x",
  ]
) {
  Deno.test(`parseMirror() refuses ${text}`, () => {
    assert.throws(() => parseMirror(text), { class: "invalid", message: /^invalid mirror: / });
  });
}
