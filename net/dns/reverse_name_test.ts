import assert from "node:assert/strict";
import { addressOfReverseName } from "./reverse_name.ts";

const cases: { name: string; ip: string | undefined }[] = [
  { name: "2.0.18.172.in-addr.arpa", ip: "172.18.0.2" },
  { name: "256.0.18.172.in-addr.arpa", ip: undefined },
  { name: "02.0.18.172.in-addr.arpa", ip: undefined },
  { name: "0.18.172.in-addr.arpa", ip: undefined },
  { name: "1.2.0.18.172.in-addr.arpa", ip: undefined },
  { name: `2.${"0.".repeat(29)}d.f.ip6.arpa`, ip: "fd00::2" },
  { name: `g.${"0.".repeat(29)}d.f.ip6.arpa`, ip: undefined },
  { name: `${"0.".repeat(29)}d.f.ip6.arpa`, ip: undefined },
  { name: "web", ip: undefined },
];
for (const { name, ip } of cases) {
  Deno.test(`addressOfReverseName(): ${name} is ${ip ?? "no address"}`, () => {
    assert.equal(addressOfReverseName(name), ip);
  });
}
