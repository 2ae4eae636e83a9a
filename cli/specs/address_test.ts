import assert from "node:assert/strict";
import { addressNumber, parseCidr } from "./address.ts";

Deno.test("addressNumber() reads both kinds of address, IPv4 as mapped into IPv6", () => {
  const rows: readonly [text: string, number: bigint | undefined][] = [
    ["0.0.0.1", 0xffff_0000_0001n],
    ["255.255.255.255", 0xffff_ffff_ffffn],
    ["::", 0n],
    ["::1", 1n],
    ["fd00::", 0xfd00n << 112n],
    ["fd00::1:2", (0xfd00n << 112n) + 0x1_0002n],
    ["1:2:3:4:5:6:7:8", 0x0001_0002_0003_0004_0005_0006_0007_0008n],
    ["::ffff:1.2.3.4", 0xffff_0102_0304n],
    ["1.2.3", undefined],
    ["1.2.3.256", undefined],
    ["x", undefined],
    ["", undefined],
  ];
  for (const [text, number] of rows) assert.equal(addressNumber(text), number, text);
});

Deno.test("parseCidr() takes the host's part away", () => {
  assert.deepEqual(parseCidr("10.0.0.5/24"), { base: 0xffff_0a00_0000n, bits: 8 });
  assert.deepEqual(parseCidr("0.0.0.0/0"), { base: 0xffff_0000_0000n, bits: 32 });
  assert.deepEqual(parseCidr("fd00::1/64"), { base: 0xfd00n << 112n, bits: 64 });
  for (const text of ["10.0.0.0", "10.0.0.0/33", "fd00::/129", "x/8", "10.0.0.0/"]) {
    assert.equal(parseCidr(text), undefined, text);
  }
});
