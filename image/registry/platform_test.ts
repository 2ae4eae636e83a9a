import assert from "node:assert/strict";
import { ARCHITECTURE } from "../host_image.ts";
import { fitness, parsePlatform, platformText } from "./platform.ts";

for (
  const [text, expected] of [
    [undefined, `linux/${ARCHITECTURE}`],
    ["linux", `linux/${ARCHITECTURE}`],
    ["arm64", "linux/arm64"],
    ["linux/aarch64", "linux/arm64"],
    ["Linux/ARM/v7", "linux/arm/v7"],
    ["armhf", "linux/arm/v7"],
    ["linux/x86_64", "linux/amd64"],
    ["windows/amd64", "windows/amd64"],
  ] satisfies [string | undefined, string][]
) {
  Deno.test(`parsePlatform(${text}) is ${expected}`, () => assert.equal(platformText(parsePlatform(text)), expected));
}

for (const text of ["a/b/c/d", "linux/", "lin ux"]) {
  Deno.test(`parsePlatform() refuses ${text}`, () => {
    assert.throws(() => parsePlatform(text), { class: "invalid", message: /invalid OS\/architecture/ });
  });
}

for (
  const [wanted, offered, fits] of [
    ["linux/amd64", "linux/amd64", true],
    ["linux/amd64", "linux/arm64", false],
    ["linux/arm64", "linux/arm64/v8", true],
    ["linux/arm/v7", "linux/arm/v6", true],
    ["linux/arm/v6", "linux/arm/v7", false],
    ["linux/amd64", "linux/amd64/v3", false],
    ["linux/amd64", "windows/amd64", false],
  ] satisfies [string, string, boolean][]
) {
  Deno.test(`where ${wanted} is asked for, ${offered} ${fits ? "runs" : "does not run"}`, () => {
    assert.equal(fitness(parsePlatform(wanted), parsePlatform(offered)) > 0, fits);
  });
}

Deno.test("of several that run, the nearest is the best", () => {
  const wanted = parsePlatform("linux/arm/v7");
  const [v5 = 0, v6 = 0, v7 = 0] = ["v5", "v6", "v7"].map((v) => fitness(wanted, parsePlatform(`linux/arm/${v}`)));
  assert.ok(v5 < v6 && v6 < v7);
});
