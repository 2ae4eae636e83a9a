import assert from "node:assert/strict";
import { parseAddress } from "./address.ts";
import { contains, formatSubnet, overlaps, parseSubnet } from "./subnet.ts";

Deno.test("parseSubnet() knows the first and the last address", () => {
  assert.deepEqual(parseSubnet("172.17.0.0/16"), {
    network: "172.17.0.0",
    prefix: 16,
    version: 4,
    first: 0xac110000n,
    last: 0xac11ffffn,
  });
  const { first, last } = parseSubnet("fd00::/64");
  assert.equal(last - first, (1n << 64n) - 1n);
});

const forms = [
  { text: "0.0.0.0/0", shown: "0.0.0.0/0" },
  { text: "10.0.0.1/32", shown: "10.0.0.1/32" },
  { text: "FD00:0::/64", shown: "fd00::/64" },
  { text: "::/0", shown: "::/0" },
];
for (const { text, shown } of forms) {
  Deno.test(`formatSubnet() writes ${text} as ${shown}`, () => assert.equal(formatSubnet(parseSubnet(text)), shown));
}

const refused = [
  { text: "", why: "invalid CIDR block notation" },
  { text: "10.0.0.0", why: "invalid CIDR block notation" },
  { text: "10.0.0.0/33", why: "invalid CIDR block notation" },
  { text: "10.0.0.0/08", why: "invalid CIDR block notation" },
  { text: "10.0.0.0/255.0.0.0", why: "invalid CIDR block notation" },
  { text: "10.0.0/24", why: "invalid CIDR block notation" },
  { text: "fd00::/129", why: "invalid CIDR block notation" },
  { text: "10.0.0.1/24", why: "it should be 10.0.0.0/24" },
  { text: "fd00::1/64", why: "it should be fd00::/64" },
];
for (const { text, why } of refused) {
  Deno.test(`parseSubnet() refuses ${JSON.stringify(text)}: ${why}`, () => {
    assert.throws(() => parseSubnet(text), { class: "invalid", message: `invalid subnet ${text}: ${why}` });
  });
}

const pairs = [
  { name: "the same", one: "10.0.0.0/24", other: "10.0.0.0/24", both: true },
  { name: "one inside of the other", one: "10.0.0.0/8", other: "10.9.8.0/24", both: true },
  { name: "neighbours", one: "10.0.0.0/24", other: "10.0.1.0/24", both: false },
  { name: "the same numbers of two versions", one: "0.0.0.0/0", other: "::/96", both: false },
];
for (const { name, one, other, both } of pairs) {
  Deno.test(`overlaps() is ${both} for ${name}`, () => {
    assert.equal(overlaps(parseSubnet(one), parseSubnet(other)), both);
    assert.equal(overlaps(parseSubnet(other), parseSubnet(one)), both);
  });
}

const inside = [
  { inner: "10.0.0.0", is: true },
  { inner: "10.0.0.255", is: true },
  { inner: "10.0.1.0", is: false },
  { inner: "::a00:0", is: false },
];
for (const { inner, is } of inside) {
  Deno.test(`contains() is ${is} for ${inner} in 10.0.0.0/24`, () => {
    const address = parseAddress(inner);
    assert.ok(address);
    assert.equal(contains(parseSubnet("10.0.0.0/24"), address), is);
  });
}

Deno.test("contains() takes a subnet, too: all of it must lie inside", () => {
  assert.ok(contains(parseSubnet("10.0.0.0/8"), parseSubnet("10.1.0.0/16")));
  assert.ok(!contains(parseSubnet("10.1.0.0/16"), parseSubnet("10.0.0.0/8")));
});
