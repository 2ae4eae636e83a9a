import assert from "node:assert/strict";
import { localAnswer, type NameView } from "./local_answer.ts";
import { CLASS_IN, type Query, TYPE } from "./message.ts";

const names: Record<string, string[]> = {
  web: ["172.18.0.2"],
  both: ["172.18.0.3", "fd00::3"],
  many: ["172.18.0.4", "172.18.0.5", "172.18.0.6"],
  alone: [],
};
const reverse: Record<string, string> = {
  "172.18.0.2": "web.my-net",
  "fd00::3": "both.my-net",
  "172.18.0.9": "x".repeat(64),
};
const view: NameView = { lookup: (name) => names[name], reverse: (ip) => reverse[ip] };

function query(name: string, type: number, klass = CLASS_IN): Query {
  return { bytes: new Uint8Array(), name, type, class: klass, end: 0, edns: undefined, limit: 512 };
}
const shown = (question: Query) => localAnswer(question, view)?.map(({ data }) => [...data].join("."));
const MX = 15, CHAOS = 3;

const cases: { name: string; question: Query; answer: string[] | undefined }[] = [
  { name: "an address", question: query("web", TYPE.A), answer: ["172.18.0.2"] },
  { name: "none of version 6 for a name that has none", question: query("web", TYPE.AAAA), answer: [] },
  { name: "only what is of version 4", question: query("both", TYPE.A), answer: ["172.18.0.3"] },
  {
    name: "only what is of version 6",
    question: query("both", TYPE.AAAA),
    answer: ["253.0.0.0.0.0.0.0.0.0.0.0.0.0.0.3"],
  },
  { name: "no other type, and that for sure", question: query("web", MX), answer: [] },
  { name: "nothing for a name without addresses, and that for sure", question: query("alone", TYPE.A), answer: [] },
  { name: "not known, another name", question: query("example.com", TYPE.A), answer: undefined },
  { name: "not known, another class", question: query("web", TYPE.A, CHAOS), answer: undefined },
  {
    name: "a name",
    question: query("2.0.18.172.in-addr.arpa", TYPE.PTR),
    answer: ["3.119.101.98.6.109.121.45.110.101.116.0"],
  },
  { name: "not known, another address", question: query("3.0.18.172.in-addr.arpa", TYPE.PTR), answer: undefined },
  { name: "none, a name that DNS has no room for", question: query("9.0.18.172.in-addr.arpa", TYPE.PTR), answer: [] },
  { name: "no PTR of a name", question: query("web", TYPE.PTR), answer: [] },
];
for (const { name, question, answer } of cases) {
  Deno.test(`localAnswer(): ${name}`, () => assert.deepEqual(shown(question), answer));
}

Deno.test("localAnswer() gives several addresses each its turn to be the first", () => {
  const first = new Set<string | undefined>();
  for (let i = 0; i < 200; i++) {
    const answer = shown(query("many", TYPE.A)) ?? [];
    assert.deepEqual(answer.toSorted(), names.many);
    first.add(answer[0]);
  }
  assert.equal(first.size, 3);
});
