import assert from "node:assert/strict";
import packet from "dns-packet";
import type { Bytes } from "../../base/container_engine.ts";
import { RCODE, readQuery } from "./message.ts";

const ask = (name: string, more: object = {}): Bytes =>
  Uint8Array.from(packet.encode({ type: "query", id: 7, flags: 0x100, questions: [{ type: "A", name }], ...more }));
const opt = (more: object = {}) => ({ type: "OPT", name: ".", udpPayloadSize: 1232, flags: 0, options: [], ...more });

/** A message from bytes in hexadecimal; what stands in quotes is text. */
function wire(text: string): Bytes {
  const parts = text.match(/'[^']*'|[0-9a-f]{2}/g) ?? [];
  return Uint8Array.from(
    parts.flatMap((part) =>
      part.startsWith("'") ? [...new TextEncoder().encode(part.slice(1, -1))] : [parseInt(part, 16)]
    ),
  );
}
const header = "0007 0100 0001 0000 0000 0000";

Deno.test("readQuery() reads what dns-packet writes", () => {
  const bytes = ask("Web.My-Net", { additionals: [opt()] });
  const query = readQuery(bytes);
  assert.ok(typeof query === "object");
  assert.deepEqual({ ...query, bytes: undefined }, {
    bytes: undefined,
    name: "web.my-net",
    type: 1,
    class: 1,
    end: 12 + 12 + 4,
    edns: 0,
    limit: 1232,
  });
});

const readable: { name: string; bytes: Bytes; is: object }[] = [
  { name: "a query without EDNS is answered in 512 bytes", bytes: ask("web"), is: { edns: undefined, limit: 512 } },
  {
    name: "a limit below 512 is 512",
    bytes: ask("web", { additionals: [opt({ udpPayloadSize: 100 })] }),
    is: { limit: 512 },
  },
  {
    name: "no limit is above 4096",
    bytes: ask("web", { additionals: [opt({ udpPayloadSize: 65_535 })] }),
    is: { limit: 4096 },
  },
  {
    name: "EDNS is found behind other records",
    bytes: ask("web", { additionals: [{ type: "A", name: "x.y", data: "1.2.3.4" }, opt({ ednsVersion: 1 })] }),
    is: { edns: 1 },
  },
  { name: "the root has an empty name", bytes: wire(`${header} 00 0002 0001`), is: { name: "", type: 2 } },
  {
    name: "a dot inside of a label does not make two of it",
    bytes: wire(`${header} 07 'web.net' 00 0001 0001`),
    is: { name: "web\\046net" },
  },
  {
    name: "bytes that are no text are escaped",
    bytes: wire(`${header} 03 00ff5c 00 0001 0001`),
    is: { name: "\\000\\255\\092" },
  },
];
for (const { name, bytes, is } of readable) {
  Deno.test(`readQuery(): ${name}`, () => {
    const query = readQuery(bytes);
    assert.ok(typeof query === "object", String(query));
    for (const [key, value] of Object.entries(is)) assert.deepEqual(Reflect.get(query, key), value, key);
  });
}

const label63 = `3f '${"a".repeat(63)}'`;
const unreadable: { name: string; bytes: Bytes; code: number | undefined }[] = [
  { name: "less than a header", bytes: wire("0007 0100"), code: undefined },
  { name: "an answer", bytes: wire(`0007 8180 0001 0000 0000 0000 00 0001 0001`), code: undefined },
  { name: "a notification", bytes: wire(`0007 2000 0001 0000 0000 0000 00 0006 0001`), code: RCODE.NOTIMP },
  { name: "no question", bytes: wire("0007 0100 0000 0000 0000 0000"), code: RCODE.FORMERR },
  {
    name: "two questions",
    bytes: wire("0007 0100 0002 0000 0000 0000 00 0001 0001 00 0001 0001"),
    code: RCODE.FORMERR,
  },
  { name: "a name that does not end", bytes: wire(`${header} 03 'web'`), code: RCODE.FORMERR },
  { name: "a label that goes beyond the end", bytes: wire(`${header} 20 'web' 00 0001 0001`), code: RCODE.FORMERR },
  { name: "a name that points to itself", bytes: wire(`${header} c00c 0001 0001`), code: RCODE.FORMERR },
  { name: "a label of a kind that nobody knows", bytes: wire(`${header} 40 00 0001 0001`), code: RCODE.FORMERR },
  { name: "no type", bytes: wire(`${header} 03 'web' 00 0001`), code: RCODE.FORMERR },
  {
    name: "a name of 256 bytes",
    bytes: wire(`${header} ${label63} ${label63} ${label63} ${label63} 00 0001 0001`),
    code: RCODE.FORMERR,
  },
  {
    name: "a record that is not there",
    bytes: wire("0007 0100 0001 0000 0000 ffff 00 0001 0001"),
    code: RCODE.FORMERR,
  },
  {
    name: "a record that goes beyond the end",
    bytes: wire("0007 0100 0001 0000 0000 0001 00 0001 0001 00 0001 0001 00000000 ffff 00"),
    code: RCODE.FORMERR,
  },
];
for (const { name, bytes, code } of unreadable) {
  Deno.test(`readQuery(): ${name} gives ${code ?? "no answer at all"}`, () => assert.equal(readQuery(bytes), code));
}

Deno.test("readQuery() takes any bytes for what they are, and throws at nothing", () => {
  const good = ask("web.my-net", { additionals: [opt()] });
  let seed = 1;
  const random = (below: number) => (seed = seed * 48_271 % 0x7fff_ffff) % below;
  for (let i = 0; i < 20_000; i++) {
    const bytes = good.slice(0, 1 + random(good.length));
    for (let flips = random(4); flips > 0; flips--) bytes[random(bytes.length)] = random(256);
    readQuery(bytes);
  }
});
