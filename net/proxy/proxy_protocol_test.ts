import assert from "node:assert/strict";
import { proxyHeader } from "./proxy_protocol.ts";

const SIGNATURE = "0d0a0d0a000d0a515549540a";

const headers = [
  {
    name: "IPv4",
    from: { ip: "192.0.2.1", port: 56_324 },
    to: { ip: "198.51.100.2", port: 443 },
    bytes: "2111000c" + "c0000201" + "c6336402" + "dc04" + "01bb",
  },
  {
    name: "IPv6",
    from: { ip: "2001:db8::1", port: 1 },
    to: { ip: "::1", port: 65_535 },
    bytes: "21210024" + "20010db8000000000000000000000001" + "00000000000000000000000000000001" + "0001" + "ffff",
  },
  {
    name: "IPv4 on a socket of IPv6",
    from: { ip: "::ffff:192.0.2.1", port: 2 },
    to: { ip: "::ffff:192.0.2.2", port: 3 },
    bytes: "2111000c" + "c0000201" + "c0000202" + "0002" + "0003",
  },
];

for (const { name, from, to, bytes } of headers) {
  Deno.test(`the PROXY header of ${name} is as the protocol has it`, () => {
    assert.equal(proxyHeader(from, to).toHex(), SIGNATURE + bytes);
  });
}
