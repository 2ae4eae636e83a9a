import assert from "node:assert/strict";
import { shellWord, shellWords } from "./shell_words.ts";

const values: Readonly<Record<string, string>> = { SET: "s t", EMPTY: "" };
const variables = (name: string) => values[name];

const cases: { text: string; gives: string[] }[] = [
  { text: "a b  c", gives: ["a", "b", "c"] },
  { text: `A="x y" B='it "is"'`, gives: ["A=x y", `B=it "is"`] },
  { text: String.raw`a\ b "c\"d" 'e\f'`, gives: ["a b", `c"d`, String.raw`e\f`] },
  { text: `""`, gives: [""] },
  { text: "$SET", gives: ["s t"] },
  { text: `a$SET-"\${SET}"'$SET'`, gives: ["as t-s t$SET"] },
  { text: String.raw`\$SET "\$SET" \${SET}`, gives: ["$SET", "$SET", "${SET}"] },
  { text: "$NONE. $ $- 5$", gives: [".", "$", "$-", "5$"] },
  { text: "${NONE:-d} ${NONE-d} ${EMPTY:-d} ${EMPTY-d}.", gives: ["d", "d", "d", "."] },
  { text: "${SET:+y} ${EMPTY:+y}. ${EMPTY+y} ${NONE+y}.", gives: ["y", ".", "y", "."] },
  { text: "${SET:?no} ${NONE:-$SET}", gives: ["s t", "s t"] },
];
for (const { text, gives } of cases) {
  Deno.test(`shellWords() splits ${text}`, () => assert.deepEqual(shellWords(text, variables), gives));
}

Deno.test("shellWord() keeps the blanks, and takes the quotes away", () => {
  assert.equal(shellWord(`a  b "c"  $SET`, variables), "a  b c  s t");
  assert.equal(shellWord("", variables), "");
});
