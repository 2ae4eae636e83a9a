import assert from "node:assert/strict";
import { network, port } from "./firewall_test_support.ts";
import { Wishes } from "./wishes.ts";

function wishes(): Wishes {
  const wishes = new Wishes();
  wishes.setNetwork(network());
  return wishes;
}

const link = { bridge: "br0", from: "172.17.0.3", to: "172.17.0.2", port: 80, protocol: "tcp" } as const;

Deno.test("Wishes give a host port to whoever asked last, and let nobody else take it back", () => {
  const all = wishes();
  const other = port({ containerIp: "172.17.0.3" });
  all.add([port()], []);
  all.add([other], []);
  all.remove([port()], []);
  assert.deepEqual(all.state.ports, [other]);
  all.remove([other], []);
  assert.deepEqual(all.state.ports, []);
});

Deno.test("Wishes forget the ports and links of a bridge with it", () => {
  const all = wishes();
  all.add([port()], [link]);
  all.removeNetwork("br0");
  assert.ok(all.isEmpty);
  assert.deepEqual(all.state.links, []);
});

const refused: { name: string; ports?: ReturnType<typeof port>[]; links?: (typeof link)[]; message: RegExp }[] = [
  { name: "an unknown bridge", ports: [port(), port({ bridge: "br1" })], message: /does not know the bridge br1/ },
  { name: "a port twice", ports: [port(), port()], message: /the port 0.0.0.0:8080\/tcp is published twice/ },
  { name: "no address", ports: [port({ containerIp: "1.2.3.4\n-A" })], message: /no firewall rule can be made of/ },
  { name: "no port", ports: [port({ hostPort: 65536 })], message: /no firewall rule can be made of/ },
  { name: "two families", ports: [port({ hostIp: "::" })], message: /cannot translate between IPv4 and IPv6/ },
  { name: "a link of no address", links: [{ ...link, from: "x" as "172.17.0.3" }], message: /of a link from x/ },
];

for (const { name, ports = [], links = [], message } of refused) {
  Deno.test(`Wishes refuse ${name}, and take nothing of the same call`, () => {
    const all = wishes();
    assert.throws(() => all.add(ports, links), message);
    assert.deepEqual([all.state.ports, all.state.links], [[], []]);
  });
}

for (const bridge of ["", "a+", "-x", "a b", "0123456789abcdef", "a\nb", "!a"]) {
  Deno.test(`Wishes refuse the bridge ${JSON.stringify(bridge)}`, () => {
    assert.throws(() => wishes().setNetwork(network({ bridge })), /invalid bridge name/);
  });
}

Deno.test("Wishes refuse a subnet that is none", () => {
  assert.throws(() => wishes().setNetwork(network({ subnets: ["10.0.0.0"] })), /invalid CIDR address: 10.0.0.0/);
});
