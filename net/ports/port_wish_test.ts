import assert from "node:assert/strict";
import { parsePortRange, parseWish, type PortWish } from "./port_wish.ts";

const own = { first: 49000, last: 49900 };
const web: PortWish = { protocol: "tcp", containerPort: 80, hostIp: "", hostPort: "" };

const ranges = [
  { text: "8080", first: 8080, last: 8080 },
  { text: "8000-8010", first: 8000, last: 8010 },
  { text: "1-65535", first: 1, last: 65535 },
];
for (const { text, first, last } of ranges) {
  Deno.test(`parsePortRange() reads ${text}`, () => assert.deepEqual(parsePortRange(text), { first, last }));
}
for (const text of ["", "0", "web", "-80", "80-", "8010-8000", "65536", "1-99999", "1-2-3", "80\n", "8 0", "1e3"]) {
  Deno.test(`parsePortRange() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parsePortRange(text), {
      class: "invalid",
      message: `invalid port specification: ${JSON.stringify(text)}`,
    });
  });
}

const wishes = [
  { name: "no address means both families", wish: web, ipv6: true, hostIps: ["0.0.0.0", "::"], range: own },
  { name: "no address means IPv4 where there is no IPv6", wish: web, ipv6: false, hostIps: ["0.0.0.0"], range: own },
  { name: "0.0.0.0 means IPv4", wish: { ...web, hostIp: "0.0.0.0" }, ipv6: true, hostIps: ["0.0.0.0"], range: own },
  {
    name: "an address of IPv6 gets its one form",
    wish: { ...web, hostIp: "0::1" },
    ipv6: true,
    hostIps: ["::1"],
    range: own,
  },
  {
    name: "port 0 means any",
    wish: { ...web, hostPort: "0" },
    ipv6: false,
    hostIps: ["0.0.0.0"],
    range: own,
  },
  {
    name: "a range of ports is kept",
    wish: { ...web, hostPort: "8000-8010" },
    ipv6: false,
    hostIps: ["0.0.0.0"],
    range: { first: 8000, last: 8010 },
  },
];
for (const { name, wish, ipv6, hostIps, range } of wishes) {
  Deno.test(`parseWish(): ${name}`, () => {
    const parsed = parseWish(wish, own, ipv6);
    assert.deepEqual({ hostIps: parsed.hostIps, range: parsed.range }, { hostIps, range });
  });
}

const refused: readonly { name: string; wish: Partial<PortWish>; message: string }[] = [
  { name: "a name for an address", wish: { hostIp: "web" }, message: "invalid IP address: web" },
  { name: "a bad host port", wish: { hostPort: "70000" }, message: 'invalid port specification: "70000"' },
  { name: "a bad port of the container", wish: { containerPort: 0 }, message: 'invalid port specification: "0/tcp"' },
];
for (const { name, wish, message } of refused) {
  Deno.test(`parseWish() refuses ${name}`, () => {
    assert.throws(() => parseWish({ ...web, ...wish }, own, true), { class: "invalid", message });
  });
}
