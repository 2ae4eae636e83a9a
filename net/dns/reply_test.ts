import assert from "node:assert/strict";
import packet from "dns-packet";
import { type Query, RCODE, readQuery } from "./message.ts";
import { nameData, reply, replyToMalformed } from "./reply.ts";

function query(name: string, { type = "A", edns = false, flags = 0x100 } = {}): Query {
  const additionals = edns ? [{ type: "OPT", name: ".", udpPayloadSize: 1232, options: [] }] : [];
  const bytes = Uint8Array.from(
    packet.encode({ type: "query", id: 4711, flags, questions: [{ type, name }], additionals }),
  );
  const read = readQuery(bytes);
  assert.ok(typeof read === "object");
  return read;
}
const address = (last: number) => ({ type: 1, data: Uint8Array.of(172, 18, 0, last) });
const decoded = (bytes: Uint8Array) => packet.decode(Buffer.from(bytes));

Deno.test("reply() is read by dns-packet", () => {
  const response = decoded(reply(query("Web", { edns: true }), RCODE.NOERROR, [address(2), address(3)]));
  assert.equal(response.id, 4711);
  assert.deepEqual(
    [response.flag_qr, response.flag_aa, response.flag_tc, response.flag_rd, response.flag_ra],
    [true, true, false, true, true],
  );
  assert.equal(response.rcode, "NOERROR");
  assert.deepEqual(response.questions.map(({ name, type }: { name: string; type: string }) => [name, type]), [[
    "Web",
    "A",
  ]]);
  assert.deepEqual(
    response.answers.map(({ name, type, ttl, data }: Record<string, unknown>) => [name, type, ttl, data]),
    [["Web", "A", 600, "172.18.0.2"], ["Web", "A", 600, "172.18.0.3"]],
  );
  assert.deepEqual([response.additionals.length, response.additionals[0].udpPayloadSize], [1, 1232]);
});

Deno.test("reply() to a client without EDNS has none", () => {
  assert.deepEqual(decoded(reply(query("web"), RCODE.NOERROR)).additionals, []);
});

Deno.test("reply() keeps to the limit, and says when records are missing", () => {
  const records = Array.from({ length: 60 }, (_, i) => address(i));
  const bytes = reply(query("web", { edns: true }), RCODE.NOERROR, records, 512);
  assert.ok(bytes.length <= 512 && bytes.length > 512 - 16, `${bytes.length}`);
  const response = decoded(bytes);
  assert.equal(response.flag_tc, true);
  assert.equal(response.answers.length, Math.floor((512 - 12 - 9 - 11) / 16));
  assert.equal(response.additionals.length, 1);
  assert.equal(decoded(reply(query("web"), RCODE.NOERROR, records)).answers.length, 60);
});

Deno.test("reply() puts the upper part of a code into the EDNS record", () => {
  const response = decoded(reply(query("web", { edns: true }), RCODE.BADVERS));
  assert.deepEqual([response.rcode, response.additionals[0].extendedRcode], ["NOERROR", 1]);
});

Deno.test("replyToMalformed() keeps the id and nothing else", () => {
  const response = decoded(replyToMalformed(query("web").bytes, RCODE.FORMERR));
  assert.deepEqual([response.id, response.rcode, response.questions.length], [4711, "FORMERR", 0]);
});

Deno.test("nameData() is a name for dns-packet", () => {
  assert.equal(packet.name.decode(Buffer.from(nameData("web.my-net") ?? []), 0), "web.my-net");
});

for (const name of ["", "a..b", "a".repeat(64), Array(64).fill("abc").join(".")]) {
  Deno.test(`nameData() has none for ${name.length} characters that DNS has no room for: "${name.slice(0, 8)}"`, () => {
    assert.equal(nameData(name), undefined);
  });
}
