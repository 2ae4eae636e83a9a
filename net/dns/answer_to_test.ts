import assert from "node:assert/strict";
import packet from "dns-packet";
import type { Bytes } from "../../base/container_engine.ts";
import { answerTo } from "./answer_to.ts";
import { readQuery } from "./message.ts";

const question = { type: "A", name: "example.com" };
const encode = (message: object): Bytes => Uint8Array.from(packet.encode(message));
const query = readQuery(encode({ type: "query", id: 1, questions: [question] }));
const good = { type: "response", id: 99, questions: [question], answers: [{ ...question, data: "1.2.3.4" }] };

const cases: { name: string; response: Bytes; taken: boolean }[] = [
  { name: "the answer is taken", response: encode(good), taken: true },
  {
    name: "the name may come back in other letters",
    response: encode({ ...good, questions: [{ type: "A", name: "EXAMPLE.com" }] }),
    taken: true,
  },
  { name: "another id is not taken", response: encode({ ...good, id: 98 }), taken: false },
  {
    name: "another name is not taken",
    response: encode({ ...good, questions: [{ type: "A", name: "example.net" }] }),
    taken: false,
  },
  {
    name: "another type is not taken",
    response: encode({ ...good, questions: [{ type: "AAAA", name: "example.com" }] }),
    taken: false,
  },
  { name: "a query is not taken", response: encode({ ...good, type: "query" }), taken: false },
  { name: "an answer without the question is not taken", response: encode({ ...good, questions: [] }), taken: false },
  {
    name: "an error without the question is taken",
    response: encode({ type: "response", id: 99, flags: 4 }),
    taken: true,
  },
  { name: "half a header is not taken", response: encode(good).slice(0, 8), taken: false },
  { name: "half a question is not taken", response: encode(good).slice(0, 20), taken: false },
];
for (const { name, response, taken } of cases) {
  Deno.test(`answerTo(): ${name}`, () => {
    assert.ok(typeof query === "object");
    assert.equal(answerTo(query, 99, response) !== undefined, taken);
  });
}

Deno.test("answerTo() gives the question back to an error that has lost it", () => {
  assert.ok(typeof query === "object");
  const answer = packet.decode(Buffer.from(answerTo(query, 99, encode({ type: "response", id: 99, flags: 4 })) ?? []));
  assert.deepEqual([answer.rcode, answer.questions[0].name], ["NOTIMP", "example.com"]);
});
