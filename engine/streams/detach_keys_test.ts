import assert from "node:assert/strict";
import { describeError } from "../../base/errors.ts";
import { DetachKeys, parseDetachKeys } from "./detach_keys.ts";

Deno.test("parseDetachKeys() takes characters, control keys and DEL", () => {
  const rows: [string, number[]][] = [["ctrl-p,ctrl-q", [16, 17]], ["ctrl-@", [0]], ["a", [97]], ["ctrl-a,a", [1, 97]]];
  rows.push(["ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_", [27, 28, 29, 30, 31]], ["DEL", [127]]);
  for (const [text, expected] of rows) assert.deepEqual([...parseDetachKeys(text)], expected, text);
});

Deno.test("parseDetachKeys() refuses in Docker's words, and says which key", () => {
  for (
    const [text, key] of [["ctrl-P", "ctrl-P"], ["ctrl-", "ctrl-"], ["a,,b", ""], ["shift-a", "shift-a"], ["ü", "ü"]]
  ) {
    assert.throws(() => parseDetachKeys(`${text}`), (error) => {
      assert.equal(describeError(error), `Invalid detach keys (${text}) provided: Unknown character: '${key}'`);
      return true;
    });
  }
});

/** Feeds the input byte by byte and in one piece: both must pass the same. */
function passed(keys: string, input: string): string {
  const bytes = new TextEncoder().encode(input);
  const whole = new DetachKeys(parseDetachKeys(keys)).feed(bytes);
  const matcher = new DetachKeys(parseDetachKeys(keys));
  let single = "";
  let complete = false;
  for (const byte of bytes) {
    const step = matcher.feed(new Uint8Array([byte]));
    single += new TextDecoder().decode(step.pass);
    complete = step.complete;
    if (complete) break;
  }
  const text = new TextDecoder().decode(whole.pass);
  assert.equal(single, text);
  assert.equal(complete, whole.complete);
  return `${text}${whole.complete ? "!" : ""}`;
}

Deno.test("DetachKeys holds back what may be the sequence, and passes it on when it is not", () => {
  const rows: [string, string, string][] = [
    ["x,y", "abc", "abc"],
    ["x,y", "axyb", "a!"],
    ["x,y", "ax", "a"],
    ["x,y", "xa", "xa"],
    ["x,y", "xxy", "x!"],
    ["x,x,y", "xxxy", "x!"],
    ["x,y,x,z", "xyxyxz", "xy!"],
    ["x", "abx", "ab!"],
  ];
  for (const [keys, input, expected] of rows) assert.equal(passed(keys, input), expected, `${keys} in ${input}`);
});
