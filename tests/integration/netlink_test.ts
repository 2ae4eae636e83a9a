/** Links, addresses and routes on the real kernel, in namespaces of the test's own; `ip -j` is the witness. */
import assert from "node:assert/strict";
import { withinNamespace } from "../../sys/namespace.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import { RouteSocket } from "../../net/route_socket.ts";
import {
  bridge,
  cable,
  inNamespaces,
  type Place,
  reaches,
  type ShownAddresses,
  type ShownLink,
  type ShownRoute,
} from "./netlink_test_support.ts";

function details({ json }: Place, name: string): ShownLink {
  const [link] = json("ip", "-j", "-d", "link", "show", name);
  assert.ok(link);
  return link;
}

inNamespaces("a bridge has the name, MTU and MAC address that were asked for, and keeps them", (host, ctr) => {
  const made = host.route.createBridge("br-test", { mtu: 1400, mac: "02:42:0a:00:00:01" });
  const { ifindex, ifname, mtu, address, linkinfo, flags } = details(host, "br-test");
  assert.deepEqual(made, { index: ifindex, name: ifname, mac: address, mtu, up: false, kind: "bridge" });
  assert.deepEqual([ifname, address, mtu, linkinfo?.info_kind], ["br-test", "02:42:0a:00:00:01", 1400, "bridge"]);
  assert.ok(!flags.includes("UP"));
  const peer = { name: "eth0", namespace: ctr.namespace, mac: "02:00:00:00:00:01" };
  host.route.createVeth({ name: "veth1", bridge: made.index, mtu: 1400, peer });
  assert.equal(host.route.link("br-test")?.mac, "02:42:0a:00:00:01");
});

inNamespaces("a veth is one cable: a port of the bridge that is up, and an end in the other namespace", (host, ctr) => {
  const br = bridge(host);
  const peer = { name: "eth0", namespace: ctr.namespace, mac: "02:42:ac:11:00:02" };
  host.route.createVeth({ name: "veth1", bridge: br.index, mtu: 1300, peer });
  const [outer, inner] = [details(host, "veth1"), details(ctr, "eth0")];
  assert.deepEqual([outer.master, outer.mtu, outer.linkinfo?.info_kind], ["br0", 1300, "veth"]);
  assert.ok(outer.flags.includes("UP") && !inner.flags.includes("UP"));
  assert.deepEqual([inner.address, inner.mtu], ["02:42:ac:11:00:02", 1300]);
  for (const end of [outer, inner]) assert.deepEqual([end.num_tx_queues, end.num_rx_queues], [1, 1]);
  assert.deepEqual([outer.link_index, inner.link_index], [inner.ifindex, outer.ifindex]);
  const [seen, seenInside] = [host.route.link("veth1"), ctr.route.link("eth0")];
  assert.deepEqual([seen?.peerIndex, seenInside?.peerIndex], [inner.ifindex, outer.ifindex]);
  assert.deepEqual([seen?.master, seen?.peerNamespace], [br.index, outer.link_netnsid]);
});

inNamespaces("two containers on a bridge reach each other, and the bridge's own address", async (host, one, two) => {
  const br = bridge(host);
  cable(host, one, br, 2);
  cable(host, two, br, 3);
  assert.ok(await reaches(one, two, "172.17.0.3"));
  assert.ok(await reaches(two, one, "172.17.0.2"));
  assert.ok(await reaches(one, host, "172.17.0.1"));
});

inNamespaces("isolated ports of a bridge do not reach each other, but the bridge", async (host, one, two) => {
  const br = bridge(host);
  cable(host, one, br, 2);
  cable(host, two, br, 3);
  for (const name of ["veth2", "veth3"]) host.route.setIsolated(host.route.link(name)?.index ?? 0, true);
  assert.ok(!await reaches(one, two, "172.17.0.3"));
  assert.ok(await reaches(one, host, "172.17.0.1"));
  for (const name of ["veth2", "veth3"]) host.route.setIsolated(host.route.link(name)?.index ?? 0, false);
  assert.ok(await reaches(one, two, "172.17.0.3"));
});

inNamespaces("links(), addresses() and routes() tell what ip tells", (host, ctr) => {
  const br = bridge(host);
  host.route.setUp(1);
  cable(host, ctr, br, 2);
  host.route.addAddress(br.index, "fd00::1/64", { noDad: true });
  host.route.addRoute({ to: "10.9.0.0/24", via: "172.17.0.2" });
  host.route.addRoute({ to: "10.8.0.0/16", index: br.index });
  host.route.addRoute({ to: "fd01::/64", via: "fd00::2" });
  host.run("ip", "route", "add", "blackhole", "10.7.0.0/16");
  host.run("ip", "route", "add", "10.6.0.0/16", "dev", "br0", "table", "1000");
  host.run("ip", "route", "add", "10.5.0.0/16", "nexthop", "via", "172.17.0.2", "nexthop", "via", "172.17.0.3");

  for (const { route, json } of [host, ctr]) {
    const theirs = json("ip", "-j", "-d", "link").map((
      { ifindex, ifname, address, mtu, flags },
    ) => [ifindex, ifname, address, mtu, flags.includes("UP")]);
    assert.deepEqual(route.links().map(({ index, name, mac, mtu, up }) => [index, name, mac, mtu, up]), theirs);
    const addresses = json<ShownAddresses>("ip", "-j", "addr").flatMap(({ ifindex, addr_info }) =>
      addr_info.map(({ local, prefixlen }) => `${ifindex} ${local}/${prefixlen}`)
    );
    assert.deepEqual(
      route.addresses().map(({ index, ip, prefix }) => `${index} ${ip}/${prefix}`).toSorted(),
      addresses.toSorted(),
    );
  }
  const ours = host.route.routes().map(({ to, via, index, table, family }) => ({ to, via, index, table, family }));
  for (
    const route of [
      { to: "172.17.0.0/16", via: undefined, index: br.index, table: 254, family: 4 },
      { to: "10.9.0.0/24", via: "172.17.0.2", index: br.index, table: 254, family: 4 },
      { to: "10.8.0.0/16", via: undefined, index: br.index, table: 254, family: 4 },
      { to: "10.7.0.0/16", via: undefined, index: undefined, table: 254, family: 4 },
      { to: "10.6.0.0/16", via: undefined, index: br.index, table: 1000, family: 4 },
      { to: "10.5.0.0/16", via: "172.17.0.2", index: br.index, table: 254, family: 4 },
      { to: "fd00::/64", via: undefined, index: br.index, table: 254, family: 6 },
      { to: "fd01::/64", via: "fd00::2", index: br.index, table: 254, family: 6 },
    ] as const
  ) assert.ok(ours.some((one) => JSON.stringify(one) === JSON.stringify(route)), `${JSON.stringify(route)} is missing`);
  const shown = host.json<ShownRoute>("ip", "-j", "-4", "route", "show", "table", "all")
    .filter(({ type = "" }) => !["local", "broadcast", "anycast", "multicast"].includes(type));
  assert.equal(ours.filter(({ family }) => family === 4).length, shown.length);
});

inNamespaces("what is added can be removed, and is gone", ({ route, json }) => {
  const br = route.createBridge("br0");
  route.setUp(br.index);
  route.addAddress(br.index, "10.0.0.1/24");
  route.addRoute({ to: "default", via: "10.0.0.2" });
  assert.equal(json<ShownRoute>("ip", "-j", "route", "show", "default")[0]?.gateway, "10.0.0.2");
  route.removeRoute({ to: "default", via: "10.0.0.2" });
  assert.deepEqual(json("ip", "-j", "route", "show", "default"), []);
  assert.equal(json<ShownAddresses>("ip", "-j", "addr", "show", "br0")[0]?.addr_info[0]?.broadcast, "10.0.0.255");
  route.removeAddress(br.index, "10.0.0.1/24");
  assert.deepEqual(route.addresses().filter(({ scope }) => scope === 0), []);
});

inNamespaces("an address of IPv6 with noDad can be used at once", ({ route, json }) => {
  const br = route.createBridge("br0");
  route.configure(br.index, { addresses: ["fd00::1/64"], noDad: true });
  const [shown] = json<ShownAddresses>("ip", "-j", "-6", "addr", "show", "br0", "scope", "global");
  const [address] = shown?.addr_info ?? [];
  assert.deepEqual([address?.local, address?.nodad, address?.tentative], ["fd00::1", true, undefined]);
});

inNamespaces("deleteLink() takes both ends of a veth, deleteLinks() several and no other", (host, ctr, other) => {
  const br = bridge(host);
  cable(host, ctr, br, 2);
  host.route.deleteLink(host.route.link("veth2")?.index ?? 0);
  assert.equal(ctr.route.link("eth0"), undefined);
  const gone = [3, 4, 5].map((number) => {
    const peer = { name: `eth${number}`, namespace: ctr.namespace, mac: `02:42:ac:11:00:0${number}` };
    host.route.createVeth({ name: `veth${number}`, bridge: br.index, peer });
    return host.route.link(`veth${number}`)?.index ?? 0;
  });
  cable(host, other, br, 9);
  host.route.deleteLinks([...gone, 4242]);
  host.route.deleteLinks(gone);
  host.route.deleteLinks([]);
  assert.deepEqual(host.route.links().map(({ name }) => name), ["lo", "br0", "veth9"]);
  assert.deepEqual(ctr.route.links().map(({ name }) => name), ["lo"]);
});

inNamespaces("a list of 300 links is complete", (host) => {
  for (let number = 0; number < 300; number++) host.route.createBridge(`br-${number}`);
  const names = host.route.links().map(({ name }) => name);
  assert.equal(new Set(names).size, 301);
});

inNamespaces("links that are not there are undefined, however odd their names", ({ route }) => {
  for (const name of ["eth7", "", "a/b", "x".repeat(16), "x".repeat(5000)]) assert.equal(route.link(name), undefined);
});

inNamespaces("a refusal names verb, object, error and the kernel's own words", (host, ctr) => {
  const br = bridge(host);
  cable(host, ctr, br, 2);
  const peer = { name: "eth1", namespace: ctr.namespace, mac: "02:42:ac:11:00:09" };
  const { route } = host;
  const refusals: [() => unknown, RegExp][] = [
    [() => route.createBridge("br0"), /^create bridge br0: EEXIST, file exists$/],
    [
      () => route.createVeth({ name: "veth2", bridge: br.index, peer }),
      /^create veth veth2 on bridge 2: EEXIST, file exists$/,
    ],
    [() => route.createVeth({ name: "veth3", bridge: 77, peer }), /^create veth veth3 on bridge 77: EINVAL/],
    [() => route.addAddress(br.index, "172.17.0.1/16"), /^add address 172.17.0.1\/16 to link 2: EEXIST/],
    [() => route.addAddress(77, "10.0.0.1/8"), /^add address 10.0.0.1\/8 to link 77: ENODEV/],
    [() => route.removeAddress(br.index, "10.0.0.1/8"), /^remove address 10.0.0.1\/8 from link 2: EADDRNOTAVAIL/],
    [
      () => route.addRoute({ to: "default", via: "9.9.9.9" }),
      /^add route default via 9.9.9.9: ENETUNREACH, .* \(Nexthop has invalid gateway\)$/,
    ],
    [() => route.removeRoute({ to: "10.0.0.0/8" }), /^remove route 10.0.0.0\/8: ESRCH, no such process/],
    [() => route.setUp(77), /^set up link 77: ENODEV, no such device/],
    [() => route.deleteLink(77), /^delete link 77: ENODEV, no such device/],
    [() => route.createBridge("x".repeat(16)), /^create bridge x{16}: ERANGE, .* \(.*policy.*\)$/],
  ];
  for (const [act, message] of refusals) assert.throws(act, { name: "SyscallError", message });
  assert.equal(host.route.link("veth3"), undefined);
  assert.equal(ctr.route.link("eth1"), undefined);
});

inNamespaces("configure() goes on after a refusal, and throws the first", ({ route }) => {
  const br = route.createBridge("br0");
  route.addAddress(br.index, "10.0.0.1/8");
  const settings = { addresses: ["10.0.0.1/8", "10.0.0.2/8"], routes: [{ to: "default", via: "11.0.0.1" }] };
  assert.throws(() => route.configure(br.index, settings), (error) => isErrno(error, "EEXIST"));
  assert.deepEqual(route.addresses().filter(({ scope }) => scope === 0).map(({ ip }) => ip), ["10.0.0.1", "10.0.0.2"]);
  assert.equal(route.link(br.name)?.up, true);
});

inNamespaces("what another process sends to the socket is not taken for the kernel's answer", (host) => {
  host.route.links();
  // The first netlink socket of a process in a namespace has the process's number for its port (netlink_autobind).
  const forged = "import socket,struct,sys\ns=socket.socket(16,3,0)\n" +
    "for n in range(2,9): s.sendto(struct.pack('=IHHIIiIHHII',36,2,0,n,int(sys.argv[1]),-1,20,18,0,n,0)," +
    "(int(sys.argv[1]),0))";
  host.run("python3", "-c", forged, `${Deno.pid}`);
  assert.deepEqual(host.route.links().map(({ name }) => name), ["lo"]);
  assert.equal(host.route.createBridge("br0").name, "br0");
}, { command: ["ip", "python3"] });

inNamespaces("two macvlans on one parent reach each other, each with its own MAC address", async (host, one, two) => {
  const parent = host.route.createBridge("parent");
  host.route.setUp(parent.index);
  const mode = "bridge";
  for (const [inner, number] of [[one, 2], [two, 3]] as const) {
    const mac = `02:42:0a:09:00:0${number}`;
    host.route.createMacvlan({ name: "eth0", parent: parent.index, mode, namespace: inner.namespace, mac });
    const end = inner.route.link("eth0");
    assert.deepEqual([end?.kind, end?.mac], ["macvlan", mac]);
    inner.route.configure(end?.index ?? 0, { addresses: [`10.9.0.${number}/24`] });
    assert.equal(details(inner, "eth0").linkinfo?.info_data.mode, "bridge");
  }
  assert.ok(await reaches(one, two, "10.9.0.3"));
});

inNamespaces("a socket stays in the namespace that it was opened in", (host, ctr) => {
  using inside = withinNamespace("net", ctr.namespace, () => RouteSocket.open());
  const made = withinNamespace("net", host.namespace, () => inside.createBridge("here"));
  assert.equal(ctr.route.link("here")?.index, made.index);
  assert.equal(host.route.link("here"), undefined);
});
