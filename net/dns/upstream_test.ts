import assert from "node:assert/strict";
import { parseUpstream } from "./upstream.ts";

const cases: { text: string; is: object | undefined }[] = [
  { text: "9.9.9.9", is: { ip: "9.9.9.9", port: 53 } },
  { text: " 127.0.0.1#5353 ", is: { ip: "127.0.0.1", port: 5353 } },
  { text: "fd00::1#54", is: { ip: "fd00::1", port: 54 } },
  { text: "fe80::1%lo", is: { ip: "fe80::1", port: 53, scope: 1 } },
  { text: "fe80::1%7", is: { ip: "fe80::1", port: 53, scope: 7 } },
  { text: "fe80::1%no-such-interface", is: { ip: "fe80::1", port: 53 } },
  { text: "dns.example.com", is: undefined },
  { text: "127.0.0.1#0", is: undefined },
  { text: "127.0.0.1#65536", is: undefined },
  { text: "", is: undefined },
];
for (const { text, is } of cases) {
  Deno.test(`parseUpstream("${text}")`, () => assert.deepEqual(parseUpstream(text), is));
}
