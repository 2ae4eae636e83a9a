import assert from "node:assert/strict";
import { parseArguments } from "../test.ts";
import { missingPackages, packages } from "./packages.ts";

Deno.test("missingPackages() asks for commands first, for the package where it has none of its own", () => {
  const without = (command: string) => missingPackages((name) => name !== command, () => true).map(({ name }) => name);
  assert.deepEqual(without("dockerd"), ["docker.io"]);
  assert.deepEqual(without("nothing"), []);
  const nothing = missingPackages(() => false, () => false);
  assert.deepEqual(nothing, packages);
  assert.deepEqual(missingPackages(() => true, (name) => name !== "busybox-static").map(({ name }) => name), [
    "busybox-static",
  ]);
});

const rows = [
  { args: [], asks: { groups: ["unit", "integration", "e2e"] } },
  { args: ["--", "unit"], asks: { groups: ["unit"] } },
  { args: ["e2e", "run -it"], asks: { groups: ["e2e"], filter: "run -it" } },
  { args: ["all"], asks: { groups: ["unit", "integration", "e2e", "vm"] } },
  { args: ["nonsense"], asks: undefined },
];
for (const { args, asks } of rows) {
  Deno.test(`task test ${args.join(" ")} asks for ${asks ? asks.groups : "nothing that there is"}`, () => {
    assert.deepEqual(parseArguments(args), asks);
  });
}
