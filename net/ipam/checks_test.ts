import assert from "node:assert/strict";
import type { IpamPool } from "../../base/docker/network.ts";
import { checkPools } from "./checks.ts";
import { AddressPool } from "./pool.ts";

Deno.test("checkPools() gives what an AddressPool is made of", () => {
  const [v4, v6] = checkPools([
    {
      Subnet: "172.33.0.0/16",
      IPRange: "172.33.5.0/24",
      Gateway: "172.33.0.1",
      AuxiliaryAddresses: { router: "172.33.5.1", printer: "172.33.5.2" },
    },
    { Subnet: "FD00:1::/64", Gateway: "" },
  ], ["172.32.0.0/16", "fd00:2::/64"]);
  assert.deepEqual(v4, {
    version: 4,
    subnet: "172.33.0.0/16",
    range: "172.33.5.0/24",
    gateway: "172.33.0.1",
    reserved: ["172.33.5.1", "172.33.5.2"],
  });
  assert.deepEqual(v6, { version: 6, subnet: "fd00:1::/64", reserved: [] });
  const pool = new AddressPool(v4.subnet, v4);
  assert.deepEqual([pool.allocate(), pool.allocate()], ["172.33.5.0", "172.33.5.3"]);
});

const S = "10.0.0.0/24";
const refused: readonly { name: string; pool: IpamPool; why: string }[] = [
  { name: "no subnet", pool: {}, why: "invalid subnet : invalid CIDR block notation" },
  { name: "a bad subnet", pool: { Subnet: "10.0.0.0" }, why: "invalid subnet 10.0.0.0: invalid CIDR block notation" },
  {
    name: "a subnet by another address",
    pool: { Subnet: "10.0.0.7/24" },
    why: `invalid subnet 10.0.0.7/24: it should be ${S}`,
  },
  {
    name: "a bad range",
    pool: { Subnet: S, IPRange: "10.0.0.1" },
    why: "invalid ip-range 10.0.0.1: invalid CIDR block notation",
  },
  {
    name: "a range of the other version",
    pool: { Subnet: S, IPRange: "fd00::/64" },
    why: "invalid ip-range fd00::/64: parent subnet is an IPv4 block",
  },
  {
    name: "a range outside",
    pool: { Subnet: S, IPRange: "10.0.1.0/25" },
    why: `invalid ip-range 10.0.1.0/25: parent subnet ${S} doesn't contain ip-range`,
  },
  {
    name: "a range that is larger",
    pool: { Subnet: S, IPRange: "10.0.0.0/16" },
    why: `invalid ip-range 10.0.0.0/16: CIDR block is bigger than its parent subnet ${S}`,
  },
  {
    name: "a range by another address",
    pool: { Subnet: S, IPRange: "10.0.0.9/25" },
    why: "invalid ip-range 10.0.0.9/25: it should be 10.0.0.0/25",
  },
  { name: "a bad gateway", pool: { Subnet: S, Gateway: "gw" }, why: "invalid gateway gw: invalid address" },
  {
    name: "a gateway outside",
    pool: { Subnet: S, Gateway: "10.0.1.1" },
    why: `invalid gateway 10.0.1.1: parent subnet ${S} doesn't contain this address`,
  },
  {
    name: "a gateway of the other version",
    pool: { Subnet: S, Gateway: "fd00::1" },
    why: "invalid gateway fd00::1: parent subnet is an IPv4 block",
  },
  {
    name: "an auxiliary address outside",
    pool: { Subnet: S, AuxiliaryAddresses: { router: "10.0.1.1" } },
    why: `invalid auxiliary address router: parent subnet ${S} doesn't contain this address`,
  },
];
for (const { name, pool, why } of refused) {
  Deno.test(`checkPools() refuses ${name}`, () => {
    assert.throws(() => checkPools([pool], []), { class: "invalid", message: `invalid network config:\n${why}` });
  });
}

Deno.test("checkPools() tells all that is wrong at once", () => {
  assert.throws(() => checkPools([{ Subnet: "10.0.0.7/24", Gateway: "gw" }, { Subnet: "x" }], []), {
    message: "invalid network config:\n* invalid subnet 10.0.0.7/24: it should be 10.0.0.0/24\n" +
      "* invalid gateway gw: invalid address\n* invalid subnet x: invalid CIDR block notation",
  });
});

const forbidden: readonly { name: string; pools: IpamPool[]; message: string }[] = [
  {
    name: "a subnet that another network has",
    pools: [{ Subnet: "172.20.5.0/24" }],
    message: "invalid pool request: Pool overlaps with other one on this address space",
  },
  {
    name: "a range of a subnet that another network has",
    pools: [{ Subnet: "172.20.0.0/16", IPRange: "172.20.9.0/24" }],
    message: "invalid pool request: Pool overlaps with other one on this address space",
  },
  {
    name: "two pools that overlap",
    pools: [{ Subnet: "10.0.0.0/8" }, { Subnet: "10.1.0.0/16" }],
    message: "invalid pool request: Pool overlaps with other one on this address space",
  },
  {
    name: "two pools of one version",
    pools: [{ Subnet: "10.0.0.0/24" }, { Subnet: "10.0.1.0/24" }],
    message: "bridge driver doesn't support multiple subnets",
  },
  {
    name: "the network's own address as gateway",
    pools: [{ Subnet: S, Gateway: "10.0.0.0" }],
    message: "failed to allocate gateway (10.0.0.0): Address already in use",
  },
  {
    name: "the gateway's address for something else, too",
    pools: [{ Subnet: S, Gateway: "10.0.0.1", AuxiliaryAddresses: { router: "10.0.0.1" } }],
    message: "failed to allocate secondary ip address (router:10.0.0.1): Address already in use",
  },
  {
    name: "one address for two things",
    pools: [{ Subnet: S, AuxiliaryAddresses: { router: "10.0.0.9", printer: "10.0.0.9" } }],
    message: "failed to allocate secondary ip address (printer:10.0.0.9): Address already in use",
  },
];
for (const { name, pools, message } of forbidden) {
  Deno.test(`checkPools() refuses ${name}`, () => {
    assert.throws(() => checkPools(pools, ["172.20.0.0/16"]), { class: "forbidden", message });
  });
}
