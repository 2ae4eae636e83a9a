import assert from "node:assert/strict";
import { framed, MessageReader } from "./message_reader.ts";

const messages = ["first", "", "second message", "x".repeat(65_535)].map((text) => new TextEncoder().encode(text));
const stream = Uint8Array.from(messages.flatMap((message) => [...framed(message)]));

for (const size of [1, 2, 3, 7, 1000, stream.length]) {
  Deno.test(`MessageReader finds all messages in pieces of ${size} bytes`, () => {
    const reader = new MessageReader();
    const found = [];
    for (let i = 0; i < stream.length; i += size) found.push(...reader.push(stream.subarray(i, i + size)));
    assert.deepEqual(found, messages);
  });
}
