import assert from "node:assert/strict";
import { globExpression, isGlob } from "./glob.ts";

const table: readonly { name: string; pattern: string; matches: readonly string[]; not: readonly string[] }[] = [
  { name: "a star", pattern: "*.log", matches: [".log", "a.log", "a\nb.log"], not: ["a/b.log", "a.logs"] },
  { name: "a question mark", pattern: "a?c", matches: ["abc"], not: ["ac", "a/c"] },
  { name: "a set", pattern: "[a-c]1", matches: ["b1"], not: ["d1", "1"] },
  { name: "a set of others", pattern: "[^a-c]1", matches: ["d1"], not: ["b1"] },
  { name: "an escaped star", pattern: "a\\*", matches: ["a*"], not: ["ab"] },
  { name: "what means something to expressions only", pattern: "a.(b)+", matches: ["a.(b)+"], not: ["ax(b)+"] },
];

for (const { name, pattern, matches, not } of table) {
  Deno.test(`globExpression() reads ${name}`, () => {
    const expression = globExpression(pattern);
    assert.deepEqual(matches.filter((text) => !expression.test(text)), []);
    assert.deepEqual(not.filter((text) => expression.test(text)), []);
  });
}

Deno.test("isGlob() tells a pattern from a name", () => {
  assert.deepEqual(["a*", "a?", "[a]", "a\\*", "a.b-c"].map(isGlob), [true, true, true, true, false]);
});
