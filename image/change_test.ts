import assert from "node:assert/strict";
import { applyChanges, words } from "./change.ts";

const splits: { text: string; gives: string[] }[] = [
  { text: "a b  c", gives: ["a", "b", "c"] },
  { text: `A="x y" B='it "is"'`, gives: ["A=x y", `B=it "is"`] },
  { text: String.raw`a\ b "c\"d" 'e\f'`, gives: ["a b", `c"d`, String.raw`e\f`] },
  { text: `""`, gives: [""] },
];
for (const { text, gives } of splits) {
  Deno.test(`words() splits ${text}`, () => assert.deepEqual(words(text), gives));
}

Deno.test("applyChanges() lets a later variable replace an earlier one, and keeps the rest", () => {
  const config = applyChanges({ Env: ["A=0", "Z=1"], User: "u" }, [
    "env A=1",
    "ENV B long value",
    "WORKDIR /a",
    "WORKDIR b",
  ]);
  assert.deepEqual(config, { Env: ["Z=1", "A=1", "B=long value"], User: "u", WorkingDir: "/a/b" });
});

const wrong = [
  { change: "RUN x", message: "RUN is not a valid change command" },
  { change: "constructor x", message: "CONSTRUCTOR is not a valid change command" },
  { change: "CMD", message: "CMD requires at least one argument" },
  { change: "ENV A", message: "ENV must have two arguments" },
  { change: "EXPOSE 70000", message: "invalid containerPort: 70000" },
  { change: "ONBUILD ONBUILD RUN x", message: "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed" },
  { change: "HEALTHCHECK --bogus=1 CMD x", message: "unknown flag: --bogus" },
  { change: `LABEL a="b`, message: 'unexpected end of statement while looking for matching "' },
];
for (const { change, message } of wrong) {
  Deno.test(`applyChanges() refuses ${change}`, () => {
    assert.throws(() => applyChanges({}, [change]), { class: "invalid", message });
  });
}
