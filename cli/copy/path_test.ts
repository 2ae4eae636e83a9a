import assert from "node:assert/strict";
import { cleanPath, lastName, namesDirectory, splitPath, withEndOf } from "./path.ts";

// What Go's path/filepath gives, and docker's own functions on top of it.
const rows = [
  { path: "", clean: ".", last: ".", split: [".", "."], isDirectory: true },
  { path: ".", clean: ".", last: ".", split: [".", "."], isDirectory: true },
  { path: "/", clean: "/", last: "/", split: ["/", "/"], isDirectory: true },
  { path: "//", clean: "/", last: "/", split: ["/", "/"], isDirectory: true },
  { path: "/.", clean: "/", last: ".", split: ["/", "."], isDirectory: true },
  { path: "a", clean: "a", last: "a", split: [".", "a"], isDirectory: false },
  { path: "/a", clean: "/a", last: "a", split: ["/", "a"], isDirectory: false },
  { path: "a/b/", clean: "a/b", last: "b", split: ["a", "b"], isDirectory: true },
  { path: "/a/b/.", clean: "/a/b", last: ".", split: ["/a/b", "."], isDirectory: true },
  { path: "/a/./", clean: "/a", last: ".", split: ["/a", "."], isDirectory: true },
  { path: "/a//b/../c", clean: "/a/c", last: "c", split: ["/a", "c"], isDirectory: false },
  { path: "/../a", clean: "/a", last: "a", split: ["/", "a"], isDirectory: false },
  { path: "../a", clean: "../a", last: "a", split: ["..", "a"], isDirectory: false },
  { path: "a/../..", clean: "..", last: "..", split: [".", ".."], isDirectory: false },
  { path: "/a\nb/c", clean: "/a\nb/c", last: "c", split: ["/a\nb", "c"], isDirectory: false },
];
for (const { path, clean, last, split, isDirectory } of rows) {
  Deno.test(`paths: ${JSON.stringify(path)} is taken apart as docker does`, () => {
    assert.equal(cleanPath(path), clean);
    assert.equal(lastName(path), last);
    assert.deepEqual(splitPath(path), { folder: split[0], name: split[1] });
    assert.equal(namesDirectory(path), isDirectory);
  });
}

for (
  const [path, other, whole] of [
    ["a", "/x", "/x"],
    ["a/", "/x", "/x/"],
    ["a/.", "/x", "/x/."],
    ["a/./", "/x", "/x/./"],
    ["a/", "/", "/"],
    ["a/.", "/", "/."],
    ["a/.", "/x/.", "/x/."],
  ] as const
) {
  Deno.test(`what ends ${path} makes ${whole} of ${other}`, () => assert.equal(withEndOf(path, other), whole));
}
