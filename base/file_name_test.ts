import assert from "node:assert/strict";
import { decodeName, encodeName, encodeNameInto } from "./file_name.ts";

const table: readonly { name: string; bytes: readonly number[]; text: string }[] = [
  { name: "ASCII", bytes: [0x61, 0x2f, 0x62], text: "a/b" },
  { name: "UTF-8", bytes: [0xc3, 0xa4, 0xf0, 0x9f, 0xa6, 0x95], text: "ä🦕" },
  { name: "a byte order mark, which is a part of the name", bytes: [0xef, 0xbb, 0xbf, 0x61], text: "\ufeffa" },
  { name: "Latin-1", bytes: [0x61, 0xe4, 0x62], text: "a\udce4b" },
  { name: "a character that is cut off", bytes: [0xc3], text: "\udcc3" },
  { name: "Latin-1 beside UTF-8", bytes: [0xe4, 0xc3, 0xa4, 0xff], text: "\udce4ä\udcff" },
  { name: "a surrogate that somebody has encoded", bytes: [0xed, 0xb3, 0xa4], text: "\udced\udcb3\udca4" },
  { name: "a form that is longer than need be", bytes: [0xc0, 0xaf], text: "\udcc0\udcaf" },
];

for (const { name, bytes, text } of table) {
  Deno.test(`decodeName() and encodeName() are each other's reverse for ${name}`, () => {
    assert.equal(decodeName(new Uint8Array(bytes)), text);
    assert.deepEqual([...encodeName(text)], bytes);
    const target = new Uint8Array(3 * text.length).fill(0x2e);
    assert.equal(encodeNameInto(text, target), bytes.length);
    assert.deepEqual([...target.subarray(0, bytes.length)], bytes);
  });
}

Deno.test("any bytes come back", () => {
  for (let round = 0; round < 2000; round++) {
    const bytes = crypto.getRandomValues(new Uint8Array(round % 40));
    assert.deepEqual(encodeName(decodeName(bytes)), bytes);
  }
});
