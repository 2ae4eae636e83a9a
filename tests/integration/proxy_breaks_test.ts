/** How connections through the proxy end that do not end well, and how the proxy itself does. */
import assert from "node:assert/strict";
import type { Poller } from "../../net/poller.ts";
import { TcpProxy } from "../../net/proxy/tcp_proxy.ts";
import { beginConnect, inetSocket, listen } from "../../sys/socket.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import { requires } from "../support/requires.ts";
import {
  addressOf,
  needs,
  pause,
  Peer,
  ProxyWorld,
  publishedTest,
  publishTcp,
  randomBytes,
  readAll,
  until,
} from "./proxy_test_support.ts";

function canOpen(): boolean {
  try {
    Deno.openSync("/dev/null").close();
    return true;
  } catch {
    return false;
  }
}

async function broken(peer: Peer): Promise<void> {
  await assert.rejects(() => readAll(peer), (error) => isErrno(error, "ECONNRESET", "EPIPE"));
}

publishedTest(
  "a reset by the client reaches the target as a reset, not as an end",
  async ({ world, server, proxy, address }) => {
    const client = await world.connect(address);
    using connection = await server.accept();
    await client.write("half a sent");
    assert.equal(await connection.read(new Uint8Array(100)), 11);
    client.reset();
    await assert.rejects(() => connection.read(new Uint8Array(100)), Deno.errors.ConnectionReset);
    assert.equal(proxy.connections, 0);
  },
);

publishedTest(
  "a reset reaches the other side even while that does not read",
  async ({ world, server, proxy, address }) => {
    const client = await world.connect(address);
    using _connection = await server.accept();
    await client.writeWhileRoom(randomBytes(64 << 20));
    client.reset();
    await until("the connection is broken off", () => proxy.connections === 0);
  },
);

Deno.test({
  name: "a reset by the target reaches the client, after what the target has said",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const { socket, address: target } = world.bound("127.0.0.2", "stream");
    listen(socket);
    const { address } = publishTcp(world, target);
    const client = await world.connect(address);
    const accepted = await world.accept(socket);
    await accepted.write("half an ans");
    assert.equal(await client.readText(), "half an ans");
    accepted.reset();
    await broken(client);
  },
});

for (
  const { name, ip } of [
    { name: "that refuses", ip: "127.0.0.2" },
    { name: "that no route leads to", ip: "10.99.99.99" },
  ]
) {
  Deno.test({
    name: `a target ${name} costs the client its connection, and the proxy goes on`,
    ...requires(needs),
    fn: async () => {
      await using world = await ProxyWorld.open();
      const { socket, address: target } = world.bound("127.0.0.2", "stream");
      const { proxy, address } = publishTcp(world, { ip, port: target.port });
      for (let round = 0; round < 3; round++) {
        const client = await world.connect(address).catch((error) => {
          assert.ok(isErrno(error, "ECONNRESET"));
          return undefined;
        });
        if (client !== undefined) await broken(client);
      }
      assert.equal(proxy.connections, 0);
      socket.close();
      if (ip !== target.ip) return;
      const server = world.listen(ip, target.port);
      const client = await world.connect(address);
      using connection = await server.accept();
      await connection.write(new TextEncoder().encode("at last"));
      assert.equal(await client.readText(), "at last");
    },
  });
}

publishedTest(
  "the end of the proxy passes on the target's last words, ends all connections and keeps the port",
  async ({ world, server, proxy, address }) => {
    const ended = await world.connect(address);
    const endedTarget = await server.accept();
    const open = await world.connect(address);
    using _openTarget = await server.accept();
    await endedTarget.write(new TextEncoder().encode("farewell"));
    endedTarget.close();
    proxy[Symbol.dispose](); // before the reactor had its turn
    assert.equal(proxy.connections, 0);
    assert.equal(await ended.readText(), "farewell");
    assert.equal(await ended.read(), undefined);
    await broken(open);
    await assert.rejects(() => world.connect(address), (error) => isErrno(error, "ECONNREFUSED"));
    assert.throws(() => world.bound(address.ip, "stream", address.port), (error) => isErrno(error, "EADDRINUSE"));
  },
);

Deno.test({
  name: "between the end of a proxy and the next one on the same socket nobody else gets the port",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const server = world.listen("127.0.0.2");
    const { socket: listener, address } = world.bound("0.0.0.0", "stream", 8080);
    const { poller, log } = world;
    const open = () => TcpProxy.open({ listener, target: addressOf(server), poller, log });
    for (let round = 0; round < 2; round++) {
      using _proxy = open();
      const client = await world.connect({ ip: "127.0.0.1", port: address.port });
      using _connection = await server.accept();
      client.reset();
    }
    assert.throws(() => world.bound("0.0.0.0", "stream", address.port), (error) => isErrno(error, "EADDRINUSE"));
  },
});

Deno.test({
  name: "beyond the limit connections wait until another ends",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const server = world.listen("127.0.0.2");
    const { proxy, address } = publishTcp(world, addressOf(server), { limit: 2 });
    const clients = [];
    for (let i = 0; i < 3; i++) clients.push(await world.connect(address));
    using _first = await server.accept();
    using _second = await server.accept();
    const third = server.accept();
    await pause(50);
    assert.equal(proxy.connections, 2);
    clients[0]?.reset();
    using _third = await third;
    assert.equal(proxy.connections, 2);
  },
});

Deno.test({
  name: "without descriptors the proxy says so once, rests between its attempts, and takes who has waited afterwards",
  ...requires({ ...needs, command: [...needs.command, "prlimit"] }),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const server = world.listen("127.0.0.2");
    const messages: string[] = [];
    let attempts = 0;
    const poller: Poller = {
      watch: (fd, { read = () => {}, ...others }) => {
        // A visit to the namespace takes a descriptor, too; without any, accept(2) fails before it matters where.
        const counted = () => (attempts++, canOpen() ? world.inside(read) : read());
        return world.reactor.watch(fd, { ...others, read: counted });
      },
      flows: () => world.reactor.flows(),
    };
    const { proxy, address } = publishTcp(world, addressOf(server), { poller, log: (text) => messages.push(text) });
    const client = world.use(new Peer(world.inside(() => inetSocket(address.ip, "stream")), world.reactor));
    const prlimit = `prlimit --pid ${Deno.pid}`;
    const script = `old=$(${prlimit} --nofile -o SOFT --noheadings); ${prlimit} --nofile=3:; sleep 1
      ${prlimit} --nofile=$old:`;
    const limited = world.run("sh", "-c", script);
    await until("there are no descriptors", () => !canOpen());
    beginConnect(client.socket, address);
    await limited;
    assert.equal(messages.length, 1);
    assert.match(messages[0] ?? "", /takes no connections for now: accept4 .*: EMFILE, too many open files$/);
    assert.ok(attempts < 20, `${attempts} attempts within a second`);
    using _connection = await server.accept();
    assert.equal(proxy.connections, 1);
  },
});
