/** The proxy for published ports of TCP on real sockets, in a namespace of its own: what passes through it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { fileExists } from "../../base/file_exists.ts";
import { requires } from "../support/requires.ts";
import {
  addressOf,
  descriptors,
  needs,
  pause,
  type Peer,
  ProxyWorld,
  publishedTest,
  publishTcp,
  randomBytes,
  readAll,
  readAllOf,
  until,
} from "./proxy_test_support.ts";

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

function digest(...parts: Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

async function writeAllTo(to: Deno.Conn, data: Uint8Array): Promise<void> {
  for (let done = 0; done < data.length;) done += await to.write(data.subarray(done));
}

function text(parts: readonly Uint8Array[]): string {
  return parts.map((part) => new TextDecoder().decode(part)).join("");
}

for (const { name, listen, target, unless } of families) {
  Deno.test({
    name: `over ${name} the proxy passes on every byte both ways, and each end of sending (half-close)`,
    ...requires({ ...needs, unless }),
    fn: async () => {
      await using world = await ProxyWorld.open();
      const server = world.listen(target);
      const { proxy, address } = publishTcp(world, addressOf(server), { ip: listen });
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

publishedTest(
  "a client goes on sending after the target has sent its end",
  async ({ world, server, proxy, address }) => {
    const client = await world.connect(address);
    using connection = await server.accept();
    await connection.closeWrite();
    assert.equal(await client.read(), undefined);
    for (const word of ["still ", "here"]) await client.write(word);
    client.closeSending();
    assert.equal(text(await readAllOf(connection)), "still here");
    await until("the connection is over", () => proxy.connections === 0);
  },
);

publishedTest(
  "what stays on this host has the plainest congestion control, a client from elsewhere the host's own",
  async ({ world, server, address }) => {
    const hosts = (await world.run("cat", "/proc/sys/net/ipv4/tcp_congestion_control")).trim();
    const controls = async (...sockets: string[]) =>
      (await world.run("ss", "-tinH", ...sockets)).match(/\b(\w+) wscale/g);
    const port = addressOf(server).port;
    const near = await world.connect(address);
    using _first = await server.accept();
    assert.deepEqual(await controls("dport", "=", `${port}`), ["reno wscale"]);
    assert.deepEqual(await controls("sport", "=", `${address.port}`), ["reno wscale"]);
    near.closeSending();
    await world.connect(address, "127.0.0.9");
    using _second = await server.accept();
    const far = await controls("sport", "=", `${address.port}`, "and", "dst", "127.0.0.9");
    assert.deepEqual(far, [`${hosts} wscale`]);
  },
);

publishedTest(
  "a target that does not read holds up its client and nobody else, and loses nothing",
  async ({ world, server, address }) => {
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
);

Deno.test({
  name: "a client that does not read holds up its target, and loses nothing",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const { socket: listener, address: target } = world.bound("127.0.0.2", "stream");
    listener.close();
    const server = world.listen(target.ip, target.port);
    const { address } = publishTcp(world, target);
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

publishedTest(
  "a thousand idle connections hold two descriptors each, and all of them work",
  async ({ world, server, proxy, address }) => {
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
);

Deno.test({
  name: "with the PROXY protocol the target is told the client's address first",
  ...requires(needs),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const server = world.listen("127.0.0.2");
    const { address } = publishTcp(world, addressOf(server), { proxyProtocol: true, ip: "0.0.0.0" });
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
  name: "nc through the proxy to nc: the sender's end is the receiver's",
  ...requires({ ...needs, command: [...needs.command, "busybox"] }),
  fn: async () => {
    await using world = await ProxyWorld.open();
    const { socket, address: target } = world.bound("127.0.0.2", "stream");
    socket.close();
    const { address } = publishTcp(world, target);
    // With an input that does not end: at the end of one, nc says so to the other, which may leave before it has sent a word.
    const endless = "f=$(mktemp -u) && mkfifo $f && exec 0<>$f && rm $f";
    const listening = world.run("sh", "-ec", `${endless} && exec busybox nc -l -p ${target.port}`);
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
    const { address } = publishTcp(world, target);
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
