/** The proxy for published ports of UDP on real sockets, in a namespace of its own. */
import assert from "node:assert/strict";
import { fileExists } from "../../base/file_exists.ts";
import { UdpProxy, type UdpProxyOptions } from "../../net/proxy/udp_proxy.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import type { SocketAddress } from "../../sys/socket_address.ts";
import { tryReceive, trySend } from "../../sys/socket.ts";
import { requires } from "../support/requires.ts";
import { descriptors, pause, type Peer, ProxyWorld, until } from "./proxy_test_support.ts";

const needs = { root: true, command: ["ip", "nsenter"] } as const;
const noIpv6 = fileExists("/proc/net/if_inet6") ? undefined : "no IPv6";

function publish(
  world: ProxyWorld,
  target: SocketAddress,
  options: Partial<UdpProxyOptions> & { ip?: string } = {},
): { proxy: UdpProxy; address: SocketAddress } {
  const { socket, address } = world.bound(options.ip ?? "127.0.0.1", "datagram");
  const { poller, log } = world;
  const proxy = world.use(world.inside(() => UdpProxy.open({ listener: socket, target, poller, log, ...options })));
  return { proxy, address };
}

/** A target that sends everything back, and how many senders it has seen. */
function echo(world: ProxyWorld, ip: string, port = 0): { address: SocketAddress; senders: Set<number> } {
  const { socket, address } = world.bound(ip, "datagram", port);
  const senders = new Set<number>();
  const buffer = new Uint8Array(1 << 16);
  world.use(world.reactor.watch(socket, {
    read: () => {
      const datagram = tryReceive(socket, buffer);
      if (datagram?.from === undefined) return;
      senders.add(datagram.from.port);
      trySend(socket, buffer.subarray(0, datagram.size), datagram.from);
    },
  }));
  return { address, senders };
}

/** A new address of IPv6 is the host's own a moment later only, when the kernel's worker has come to it. */
async function addAddress(world: ProxyWorld, ip: string): Promise<void> {
  await world.run("ip", "address", "add", `${ip}/128`, "dev", "lo", "nodad");
  for (let attempt = 0; attempt < 200; attempt++) {
    if ((await world.run("ip", "-6", "route", "show", "table", "local")).includes(ip)) return;
    await pause(20);
  }
  assert.fail(`${ip} does not become the host's own`);
}

async function says(peer: Peer, word: string): Promise<void> {
  await peer.write(word);
  assert.equal(await peer.readText(), word);
}

for (
  const { name, listen, target, unless } of [
    { name: "IPv4", listen: "127.0.0.1", target: "127.0.0.2", unless: undefined },
    { name: "IPv6", listen: "::1", target: "::1", unless: noIpv6 },
    { name: "IPv6 to IPv4", listen: "::1", target: "127.0.0.2", unless: noIpv6 },
  ]
) {
  Deno.test({
    name: `over ${name} datagrams pass as they are, each client's answers to it, by a flow of its own`,
    ...requires({ ...needs, unless }),
    fn: async () => {
      await using world = await ProxyWorld.open();
      const { address: behind, senders } = echo(world, target);
      const { proxy, address } = publish(world, behind, { ip: listen });
      const clients = Array.from({ length: 5 }, () => world.speakTo(address));
      for (const round of [1, 2]) {
        await Promise.all(clients.map((client, index) => says(client, `${index} in round ${round}`)));
      }
      assert.equal(proxy.flows, 5);
      assert.equal(senders.size, 5);
      const [client] = clients;
      const large = new Uint8Array(60_000).fill(7);
      await client?.write(large);
      assert.deepEqual(await client?.read(), large);
      await client?.write("");
      await client?.write("after an empty one");
      assert.equal(await client?.read(), undefined, "the empty one");
      assert.equal(await client?.readText(), "after an empty one");
    },
  });
}

for (
  const { name, any, asked, unless } of [
    { name: "0.0.0.0", any: "0.0.0.0", asked: ["127.0.0.1", "127.0.0.9"], unless: undefined },
    { name: "::", any: "::", asked: ["::1", "fd00::9"], unless: noIpv6 },
  ]
) {
  Deno.test({
    name: `a port of ${name} answers from the address that was asked`,
    ...requires({ ...needs, unless }),
    fn: async () => {
      await using world = await ProxyWorld.open();
      if (any === "::") await addAddress(world, "fd00::9");
      const { address: target } = echo(world, "127.0.0.2");
      const { address: { port } } = publish(world, target, { ip: any });
      // A connected socket hears nobody but the address that it has sent to.
      for (const ip of asked) await says(world.speakTo({ ip, port }), `hello ${ip}`);
    },
  });
}

Deno.test({
  name: "a silent flow ends and its socket with it; the client may begin anew",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const { address: target, senders } = echo(world, "127.0.0.2");
    const { proxy, address } = publish(world, target, { timeout: 300 });
    const client = world.speakTo(address);
    const before = descriptors();
    await says(client, "once");
    assert.equal(descriptors(), before + 1);
    for (let i = 0; i < 10; i++) {
      await pause(60);
      await says(client, "still here");
    }
    assert.equal(senders.size, 1, "a flow in use stays");
    await until("the flow is over", () => proxy.flows === 0);
    assert.equal(descriptors(), before);
    await says(client, "again");
    assert.equal(proxy.flows, 1);
  },
});

Deno.test({
  name: "a flood of senders that nobody answers drives out no client that is being served",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const { socket, address: target } = world.bound("127.0.0.2", "datagram");
    const { proxy, address } = publish(world, target, { limit: 10 });
    const client = world.speakTo(address);
    await client.write("hello");
    const buffer = new Uint8Array(100);
    const heard = () => tryReceive(socket, buffer);
    let first: ReturnType<typeof heard>;
    await until("the target hears it", () => (first = heard()) !== undefined);
    trySend(socket, buffer.subarray(0, 5), first?.from);
    assert.equal(await client.readText(), "hello");
    for (let i = 0; i < 100; i++) await world.speakTo(address).write("flood");
    let flooded = 0;
    await until("the flood has passed", () => heard() !== undefined && ++flooded === 100);
    assert.equal(proxy.flows, 10);
    trySend(socket, new TextEncoder().encode("still"), first?.from);
    assert.equal(await client.readText(), "still");
  },
});

Deno.test({
  name: "a target that refuses is tried again with every datagram",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const { socket, address: target } = world.bound("127.0.0.2", "datagram");
    socket.close();
    const { proxy, address } = publish(world, target);
    const client = world.speakTo(address);
    for (let i = 0; i < 5; i++) {
      await client.write("is anybody there?");
      await pause(10);
    }
    assert.equal(proxy.flows, 1);
    assert.ok(client.silent());
    echo(world, target.ip, target.port);
    await says(client, "now there is");
  },
});

Deno.test({
  name: "a target that no route leads to is told once",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const messages: string[] = [];
    const { proxy, address } = publish(world, { ip: "10.99.99.99", port: 53 }, { log: (text) => messages.push(text) });
    const client = world.speakTo(address);
    for (let i = 0; i < 3; i++) await client.write("hello");
    await until("it is told", () => messages.length > 0);
    await pause(20);
    assert.equal(messages.length, 1);
    assert.match(messages[0] ?? "", /^the proxy for 10\.99\.99\.99:53 drops datagrams: connect .*ENETUNREACH/);
    assert.equal(proxy.flows, 0);
  },
});

Deno.test({
  name: "the end of the proxy ends its flows and keeps the port",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const before = descriptors();
    const { address: target } = echo(world, "127.0.0.2");
    const { proxy, address } = publish(world, target);
    await says(world.speakTo(address), "hello");
    proxy[Symbol.dispose]();
    assert.equal(proxy.flows, 0);
    assert.equal(descriptors(), before + 3, "the target, the listener and the client");
    assert.throws(() => world.bound(address.ip, "datagram", address.port), (error) => isErrno(error, "EADDRINUSE"));
  },
});
