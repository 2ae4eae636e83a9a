import assert from "node:assert/strict";
import type { IpamPool } from "../../base/docker/network.ts";
import { parsePools, type PoolFlags } from "./ipam.ts";

const pools = (flags: Partial<PoolFlags>) =>
  parsePools({ subnets: [], ranges: [], gateways: [], auxiliary: {}, ...flags });

const given: readonly { name: string; flags: Partial<PoolFlags>; expected: IpamPool[] }[] = [
  { name: "nothing", flags: {}, expected: [] },
  {
    name: "all of one subnet",
    flags: {
      subnets: ["172.33.1.0/24"],
      ranges: ["172.33.1.128/25"],
      gateways: ["172.33.1.1"],
      auxiliary: { a: "172.33.1.5", b: "172.33.1.6" },
    },
    expected: [{
      Subnet: "172.33.1.0/24",
      IPRange: "172.33.1.128/25",
      Gateway: "172.33.1.1",
      AuxiliaryAddresses: { a: "172.33.1.5", b: "172.33.1.6" },
    }],
  },
  {
    name: "each to the subnet that it is in",
    flags: { subnets: ["10.0.0.0/24", "fd00::/64"], ranges: ["fd00::/80"], gateways: ["fd00::1", "10.0.0.1"] },
    expected: [
      { Subnet: "10.0.0.0/24", Gateway: "10.0.0.1" },
      { Subnet: "fd00::/64", IPRange: "fd00::/80", Gateway: "fd00::1" },
    ],
  },
  { name: "a lone subnet as it is written", flags: { subnets: ["x"] }, expected: [{ Subnet: "x" }] },
];

for (const { name, flags, expected } of given) {
  Deno.test(`parsePools() takes ${name}`, () => assert.deepEqual(pools(flags), expected));
}

const one = ["10.0.0.0/24"], two = ["10.0.0.0/24", "10.1.0.0/24"];

// Docker 28.2.2 said each of these.
const refused: readonly [flags: Partial<PoolFlags>, message: string][] = [
  [{ gateways: ["1.2.3.4"] }, "every ip-range or gateway must have a corresponding subnet"],
  [{ ranges: ["10.0.0.0/25"] }, "every ip-range or gateway must have a corresponding subnet"],
  [
    { subnets: one, gateways: ["10.0.0.1", "10.0.0.2"] },
    "every ip-range or gateway must have a corresponding subnet",
  ],
  [{ subnets: ["10.0.0.0/24", "10.0.0.0/25"] }, "multiple overlapping subnet configuration is not supported"],
  [{ subnets: ["10.0.0.0/24", "x"] }, "invalid subnet: invalid CIDR address: x"],
  [{ subnets: ["10.0.0.0/33"], gateways: ["10.0.0.1"] }, "invalid subnet: invalid CIDR address: 10.0.0.0/33"],
  [{ subnets: one, gateways: ["1.2.3.4"] }, "no matching subnet for gateway 1.2.3.4"],
  [{ subnets: one, gateways: ["x"] }, "no matching subnet for gateway x"],
  [{ subnets: one, ranges: ["11.0.0.0/25"] }, "no matching subnet for range 11.0.0.0/25"],
  [{ subnets: one, ranges: ["x"] }, "invalid CIDR address: x"],
  [{ subnets: one, auxiliary: { a: "10.1.0.5" } }, "no matching subnet for aux-address 10.1.0.5"],
  [
    { subnets: two, gateways: ["10.0.0.1", "10.0.0.2"] },
    "cannot configure multiple gateways (10.0.0.2, 10.0.0.1) for the same subnet (10.0.0.0/24)",
  ],
  [
    { subnets: two, ranges: ["10.0.0.0/25", "10.0.0.128/25"] },
    "cannot configure multiple ranges (10.0.0.128/25, 10.0.0.0/25) on the same subnet (10.0.0.0/24)",
  ],
];

for (const [flags, message] of refused) {
  Deno.test(`parsePools() refuses ${JSON.stringify(flags)} in docker's words`, () => {
    assert.throws(() => pools(flags), { class: "invalid", message });
  });
}
