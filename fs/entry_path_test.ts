import assert from "node:assert/strict";
import { entryPath } from "./entry_path.ts";

const rows: readonly (readonly [name: string, path: string])[] = [
  ["a/b", "a/b"],
  ["./a", "a"],
  ["/a/", "a"],
  ["a//b", "a/b"],
  ["a/./b/.", "a/b"],
  ["a/../b", "b"],
  [".", ""],
  ["a/..", ""],
  ["..a/b../.c/...", "..a/b../.c/..."],
];
for (const [name, path] of rows) {
  Deno.test(`entryPath() of ${JSON.stringify(name)} is ${JSON.stringify(path)}`, () => {
    assert.equal(entryPath(name), path);
  });
}

for (const name of ["", "..", "a/../../b", "a\0b", "a/".repeat(2049)]) {
  Deno.test(`entryPath() refuses ${JSON.stringify(name.slice(0, 12))}`, () => {
    assert.throws(() => entryPath(name), { class: "invalid" });
  });
}
