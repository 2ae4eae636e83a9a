import assert from "node:assert/strict";
import { formatAddress, parseAddress } from "./address.ts";

const table = [
  { name: "IPv4", text: "172.17.0.2", version: 4, value: 0xac110002n, shown: "172.17.0.2" },
  { name: "the last one of IPv4", text: "255.255.255.255", version: 4, value: 0xffffffffn, shown: "255.255.255.255" },
  { name: "the first one of IPv4", text: "0.0.0.0", version: 4, value: 0n, shown: "0.0.0.0" },
  { name: "IPv6", text: "fd00:0:0:0:0:0:0:2", version: 6, value: (0xfd00n << 112n) + 2n, shown: "fd00::2" },
  { name: "the first one of IPv6", text: "::", version: 6, value: 0n, shown: "::" },
  { name: "capital digits", text: "FD00::A", version: 6, value: (0xfd00n << 112n) + 10n, shown: "fd00::a" },
  {
    name: "IPv6 that ends in IPv4",
    text: "64:ff9b::10.0.0.1",
    version: 6,
    value: (0x64ff9bn << 96n) + 0x0a000001n,
    shown: "64:ff9b::a00:1",
  },
];
for (const { name, text, version, value, shown } of table) {
  Deno.test(`parseAddress() reads ${name}, formatAddress() writes it`, () => {
    const address = parseAddress(text);
    assert.deepEqual(address, { version, value });
    assert.ok(address);
    assert.equal(formatAddress(address), shown);
  });
}

const none = [
  "",
  "web",
  "127.1",
  "1.2.3",
  "1.2.3.4.5",
  "256.0.0.1",
  "010.0.0.1",
  "0x7f.0.0.1",
  "2130706433",
  "1.2.3.4/8",
]
  .concat(["fe80::1%eth0", "[::1]", "1::2::3", ":::", "12345::", " 1.2.3.4", "1.2.3.4\n", "1.2.3.-4"]);
for (const text of none) {
  Deno.test(`parseAddress() takes ${JSON.stringify(text)} for no address`, () => {
    assert.equal(parseAddress(text), undefined);
  });
}
