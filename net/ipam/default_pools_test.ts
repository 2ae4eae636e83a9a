import assert from "node:assert/strict";
import { chooseSubnet, type SubnetWish } from "./default_pools.ts";

const nothing: SubnetWish = { version: 4, taken: [], routes: [] };
const all = ["172.16.0.0/12", "192.168.0.0/16"];
const id = "7d9f3c5a1b2e4d6f".repeat(4);

const table: readonly { name: string; wish: Partial<SubnetWish>; subnet: string }[] = [
  { name: "172.17 is the default bridge's", wish: { wanted: "172.17.0.0/16" }, subnet: "172.17.0.0/16" },
  { name: "other networks begin with 172.18", wish: {}, subnet: "172.18.0.0/16" },
  {
    name: "the default bridge goes elsewhere when dockerd has 172.17",
    wish: { wanted: "172.17.0.0/16", routes: ["172.17.0.0/16"] },
    subnet: "172.18.0.0/16",
  },
  {
    name: "the gaps of other networks are filled",
    wish: { taken: ["172.17.0.0/16", "172.18.0.0/16", "172.20.0.0/16"] },
    subnet: "172.19.0.0/16",
  },
  { name: "a part of a subnet takes all of it", wish: { taken: ["172.18.9.0/28"] }, subnet: "172.19.0.0/16" },
  { name: "after 172.31 comes 192.168", wish: { taken: ["172.16.0.0/12"] }, subnet: "192.168.0.0/20" },
  {
    name: "a route of the home network takes its sixteenth",
    wish: { taken: ["172.16.0.0/12"], routes: ["192.168.1.0/24"] },
    subnet: "192.168.16.0/20",
  },
  {
    name: "the last one is 192.168.240",
    wish: { taken: ["172.16.0.0/12", "192.168.0.0/17", "192.168.128.0/18", "192.168.192.0/19", "192.168.224.0/20"] },
    subnet: "192.168.240.0/20",
  },
  {
    name: "routes that lead everywhere say nothing",
    wish: { routes: ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "default", "::/0"] },
    subnet: "172.18.0.0/16",
  },
  { name: "IPv6 is no matter for IPv4", wish: { taken: ["::/0", "fd00::/8"] }, subnet: "172.18.0.0/16" },
  { name: "a subnet of IPv6 comes from the id", wish: { version: 6, id }, subnet: "fd7d:9f3c:5a1b::/64" },
  {
    name: "the next digits of the id serve where the first are taken",
    wish: { version: 6, id, taken: ["fd7d:9f3c:5a1b::/64"] },
    subnet: "fdd9:f3c5:a1b2::/64",
  },
];
for (const { name, wish, subnet } of table) {
  Deno.test(`chooseSubnet(): ${name}`, () => assert.equal(chooseSubnet({ ...nothing, ...wish }), subnet));
}

Deno.test("chooseSubnet() gives thirty networks, none of which overlap, then says Docker's sentence", () => {
  const taken: string[] = [];
  for (let count = 0; count < 30; count++) taken.push(chooseSubnet({ ...nothing, taken }));
  assert.equal(new Set(taken).size, 30);
  assert.throws(() => chooseSubnet({ ...nothing, taken }), {
    class: "unavailable",
    message:
      "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network",
  });
});

Deno.test("chooseSubnet() tells which subnets it passes over for a route, and for which; of networks it tells nothing", () => {
  const skipped: string[] = [];
  const subnet = chooseSubnet({
    ...nothing,
    wanted: "172.17.0.0/16",
    routes: ["10.8.0.0/24", "172.17.0.0/16", "172.19.4.0/24"],
    taken: ["172.18.0.0/16"],
    onSkip: (subnet, route) => skipped.push(`${subnet} for ${route}`),
  });
  assert.equal(subnet, "172.20.0.0/16");
  assert.deepEqual(skipped, ["172.17.0.0/16 for 172.17.0.0/16", "172.19.0.0/16 for 172.19.4.0/24"]);
});

Deno.test("chooseSubnet() gives up when routes lead to all of the defaults", () => {
  assert.throws(() => chooseSubnet({ ...nothing, routes: all }), { class: "unavailable" });
});

Deno.test("chooseSubnet() of IPv6 needs an id", () => {
  assert.throws(() => chooseSubnet({ ...nothing, version: 6 }), { class: "invalid" });
});
