/** The proxy for published ports on real sockets, in a namespace of its own. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Poller } from "../../net/poller.ts";
import { TcpProxy, type TcpProxyOptions } from "../../net/proxy/tcp_proxy.ts";
import { beginConnect, inetSocket, listen } from "../../sys/socket.ts";
import type { SocketAddress } from "../../sys/socket_address.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import { fileExists } from "../../base/file_exists.ts";
import { requires } from "../support/requires.ts";
import { descriptors, pause, Peer, ProxyWorld, until } from "./proxy_test_support.ts";

const needs = { root: true, command: ["ip", "nsenter"] } as const;
const MANY = 8 << 20;

const families = [
  { name: "IPv4", listen: "127.0.0.1", target: "127.0.0.2", unless: undefined },
  { name: "IPv6", listen: "::1", target: "::1", unless: fileExists("/proc/net/if_inet6") ? undefined : "no IPv6" },
  {
    name: "IPv6 to IPv4",
    listen: "::1",
    target: "127.0.0.2",
    unless: fileExists("/proc/net/if_inet6") ? undefined : "no IPv6",
  },
];

function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

function digest(...parts: Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** A proxy in front of `target`, and its own address. */
function publish(
  world: ProxyWorld,
  target: SocketAddress,
  options: Partial<TcpProxyOptions> & { ip?: string } = {},
): { proxy: TcpProxy; address: SocketAddress } {
  const { socket, address } = world.bound(options.ip ?? "127.0.0.1", "stream");
  const { poller, log } = world;
  const proxy = world.use(world.inside(() => TcpProxy.open({ listener: socket, target, poller, log, ...options })));
  return { proxy, address };
}

function addressOf(listener: Deno.TcpListener): SocketAddress {
  return { ip: listener.addr.hostname, port: listener.addr.port };
}

async function readAll(from: Peer): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for (let part = await from.read(); part !== undefined; part = await from.read()) parts.push(part);
  return parts;
}

async function readAllOf(from: Deno.Conn): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const buffer = new Uint8Array(1 << 18);
    const length = await from.read(buffer);
    if (length === null) return parts;
    parts.push(buffer.subarray(0, length));
  }
}

async function writeAllTo(to: Deno.Conn, data: Uint8Array): Promise<void> {
  for (let done = 0; done < data.length;) done += await to.write(data.subarray(done));
}

function text(parts: readonly Uint8Array[]): string {
  return parts.map((part) => new TextDecoder().decode(part)).join("");
}

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

for (const { name, listen, target, unless } of families) {
  Deno.test({
    name: `over ${name} the proxy passes on every byte both ways, and each end of sending (half-close)`,
    ...requires({ ...needs, unless }),
    fn: async () => {
      await using world = await ProxyWorld.open();
      const server = world.listen(target);
      const { proxy, address } = publish(world, addressOf(server), { ip: listen });
      const question = randomBytes(MANY), answer = randomBytes(MANY);
      const serve = async () => {
        using connection = await server.accept();
        const heard = digest(...await readAllOf(connection));
        await writeAllTo(connection, answer);
        return heard;
      };
      const served = serve();
      const client = await world.connect(address);
      await client.write(question);
      client.closeSending();
      const heard = await readAll(client);
      assert.equal(await served, digest(question));
      assert.equal(digest(...heard), digest(answer));
      await until("the connection is over", () => proxy.connections === 0);
    },
  });
}

Deno.test({
  name: "a client goes on sending after the target has sent its end",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const server = world.listen("127.0.0.2");
    const { proxy, address } = publish(world, addressOf(server));
    const client = await world.connect(address);
    using connection = await server.accept();
    await connection.closeWrite();
    assert.equal(await client.read(), undefined);
    for (const word of ["still ", "here"]) await client.write(word);
    client.closeSending();
    assert.equal(text(await readAllOf(connection)), "still here");
    await until("the connection is over", () => proxy.connections === 0);
  },
});

Deno.test({
  name: "a target that does not read holds up its client and nobody else, and loses nothing",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const server = world.listen("127.0.0.2");
    const { address } = publish(world, addressOf(server));
    const data = randomBytes(64 << 20);
    const slow = await world.connect(address);
    using slowTarget = await server.accept();
    const sent = await slow.writeWhileRoom(data);
    assert.ok(sent < data.length, "somebody has taken 64 MiB that nobody has read");
    const other = await world.connect(address);
    using otherTarget = await server.accept();
    await other.write("hello");
    const buffer = new Uint8Array(10);
    assert.equal(await otherTarget.read(buffer), 5);
    slow.closeSending();
    assert.equal(digest(...await readAllOf(slowTarget)), digest(data.subarray(0, sent)));
  },
});

Deno.test({
  name: "a client that does not read holds up its target, and loses nothing",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const { socket: listener, address: target } = world.bound("127.0.0.2", "stream");
    listener.close();
    const server = world.listen(target.ip, target.port);
    const { address } = publish(world, target);
    const client = await world.connect(address);
    const connection = await server.accept();
    const data = randomBytes(32 << 20);
    let over = false;
    const writing = writeAllTo(connection, data).then(() => {
      over = true;
      connection.close();
    });
    await pause(300);
    assert.equal(over, false, "somebody has taken 32 MiB that nobody has read");
    assert.equal(digest(...await readAll(client)), digest(data));
    await writing;
  },
});

Deno.test({
  name: "a reset by the client reaches the target as a reset, not as an end",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const server = world.listen("127.0.0.2");
    const { proxy, address } = publish(world, addressOf(server));
    const client = await world.connect(address);
    using connection = await server.accept();
    await client.write("half a sent");
    assert.equal(await connection.read(new Uint8Array(100)), 11);
    client.reset();
    await assert.rejects(() => connection.read(new Uint8Array(100)), Deno.errors.ConnectionReset);
    assert.equal(proxy.connections, 0);
  },
});

Deno.test({
  name: "a reset reaches the other side even while that does not read",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const server = world.listen("127.0.0.2");
    const { proxy, address } = publish(world, addressOf(server));
    const client = await world.connect(address);
    using _connection = await server.accept();
    await client.writeWhileRoom(randomBytes(64 << 20));
    client.reset();
    await until("the connection is broken off", () => proxy.connections === 0);
  },
});

Deno.test({
  name: "a reset by the target reaches the client, after what the target has said",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const { socket, address: target } = world.bound("127.0.0.2", "stream");
    listen(socket);
    const { address } = publish(world, target);
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
      const { proxy, address } = publish(world, { ip, port: target.port });
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

Deno.test({
  name: "a thousand idle connections hold two descriptors each, and all of them work",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const server = world.listen("127.0.0.2");
    const { proxy, address } = publish(world, addressOf(server));
    const before = descriptors();
    const count = 1000;
    const clients: Peer[] = [];
    const targets: Deno.TcpConn[] = [];
    for (let i = 0; i < count; i++) {
      const client = await world.connect(address);
      await client.write(`${i}`);
      clients.push(client);
      targets.push(world.use(await server.accept()));
    }
    assert.equal(proxy.connections, count);
    const heard = await Promise.all(targets.map(async (target) => {
      const buffer = new Uint8Array(10);
      const length = await target.read(buffer) ?? 0;
      await target.write(buffer.subarray(0, length));
      return new TextDecoder().decode(buffer.subarray(0, length));
    }));
    assert.deepEqual(await Promise.all(clients.map((client) => client.readText())), heard);
    assert.deepEqual(new Set(heard).size, count);
    const added = descriptors() - before;
    assert.ok(added <= 4 * count + 16, `${added} descriptors for ${count} connections, their clients and targets`);
  },
});

Deno.test({
  name: "with the PROXY protocol the target is told the client's address first",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const server = world.listen("127.0.0.2");
    const { address } = publish(world, addressOf(server), { proxyProtocol: true, ip: "0.0.0.0" });
    const client = await world.connect({ ip: "127.0.0.7", port: address.port }, "127.0.0.5");
    await client.write("hello");
    client.closeSending();
    using connection = await server.accept();
    const heard = new Uint8Array((await readAllOf(connection)).flatMap((part) => [...part]));
    assert.equal(heard.subarray(0, 16).toHex(), "0d0a0d0a000d0a515549540a2111000c");
    assert.deepEqual([...heard.subarray(16, 24)], [127, 0, 0, 5, 127, 0, 0, 7]);
    assert.equal(new DataView(heard.buffer).getUint16(26), address.port);
    assert.equal(new TextDecoder().decode(heard.subarray(28)), "hello");
  },
});

Deno.test({
  name: "the end of the proxy passes on the target's last words, ends all connections and keeps the port",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const server = world.listen("127.0.0.2");
    const { proxy, address } = publish(world, addressOf(server));
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
});

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
    const { proxy, address } = publish(world, addressOf(server), { limit: 2 });
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
    };
    const { proxy, address } = publish(world, addressOf(server), { poller, log: (text) => messages.push(text) });
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

Deno.test({
  name: "nc through the proxy to nc: the sender's end is the receiver's",
  ...requires({ ...needs, command: [...needs.command, "busybox"] }),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const { socket, address: target } = world.bound("127.0.0.2", "stream");
    socket.close();
    const { address } = publish(world, target);
    const listening = world.run("busybox", "nc", "-l", "-p", `${target.port}`);
    await world.listening(target.port);
    await world.run("sh", "-c", `printf 'some words' | busybox nc ${address.ip} ${address.port}`);
    assert.equal(await listening, "some words");
  },
});

Deno.test({
  name: "iperf3 through the proxy, several streams, both directions",
  ...requires({ ...needs, command: [...needs.command, "iperf3"] }),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const { socket, address: target } = world.bound("127.0.0.2", "stream");
    socket.close();
    const { address } = publish(world, target);
    const [program = "", ...args] = world.command("iperf3", "-s", "-B", target.ip, "-p", `${target.port}`);
    const server = new Deno.Command(program, { args, stdout: "null", stderr: "null" }).spawn();
    try {
      await world.listening(target.port);
      for (const direction of [[], ["-R"]]) {
        const client = [
          "iperf3",
          "-c",
          address.ip,
          "-p",
          `${address.port}`,
          "-n",
          "64M",
          "-P",
          "3",
          "-J",
          ...direction,
        ];
        const { end } = JSON.parse(await world.run(...client));
        assert.ok(end.sum_received.bytes > 0);
      }
    } finally {
      server.kill("SIGKILL");
      await server.status;
    }
  },
});
