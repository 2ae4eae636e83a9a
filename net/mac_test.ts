import assert from "node:assert/strict";
import { macOf, parseMac, randomMac } from "./mac.ts";

Deno.test("macOf() is Docker's: 02:42 and the four bytes of the address", () => {
  assert.equal(macOf("172.17.0.2"), "02:42:ac:11:00:02");
  assert.equal(macOf("10.0.0.255"), "02:42:0a:00:00:ff");
});

Deno.test("macOf() of an address of IPv6 is one that an interface can have", () => {
  const mac = macOf("fd00::2");
  assert.equal(parseMac(mac), mac);
});

Deno.test("macOf() refuses what is no address", () => {
  assert.throws(() => macOf("web"), { class: "invalid", message: "invalid IP address: web" });
});

Deno.test("randomMac() is for one machine, administered by nobody, and another one each time", () => {
  const macs = Array.from({ length: 500 }, randomMac);
  for (const mac of macs) {
    assert.equal(parseMac(mac), mac);
    assert.equal(Number.parseInt(mac.slice(0, 2), 16) & 3, 2, mac);
  }
  assert.equal(new Set(macs).size, 500);
});

const forms = [
  { name: "its one form", text: "02:42:ac:11:00:02", mac: "02:42:ac:11:00:02" },
  { name: "upper case", text: "AA:BB:CC:DD:EE:FF", mac: "aa:bb:cc:dd:ee:ff" },
  { name: "with dashes", text: "02-42-ac-11-00-02", mac: "02:42:ac:11:00:02" },
  { name: "with dots", text: "0242.ac11.0002", mac: "02:42:ac:11:00:02" },
];
for (const { name, text, mac } of forms) {
  Deno.test(`parseMac() reads ${name}`, () => assert.equal(parseMac(text), mac));
}

const refused = [
  { name: "nothing", text: "" },
  { name: "digits alone", text: "0242ac110002" },
  { name: "five bytes", text: "02:42:ac:11:00" },
  { name: "eight bytes", text: "02:42:ac:11:00:02:03:04" },
  { name: "separators of two kinds", text: "02:42-ac:11:00:02" },
  { name: "what is no digit", text: "02:42:ac:11:00:0g" },
  { name: "a group's address", text: "03:42:ac:11:00:02" },
  { name: "the address of all", text: "ff:ff:ff:ff:ff:ff" },
  { name: "zero", text: "00:00:00:00:00:00" },
  { name: "a second line", text: "02:42:ac:11:00:02\n" },
];
for (const { name, text } of refused) {
  Deno.test(`parseMac() refuses ${name}`, () => {
    assert.throws(() => parseMac(text), { class: "invalid", message: `${text} is not a valid mac address` });
  });
}
