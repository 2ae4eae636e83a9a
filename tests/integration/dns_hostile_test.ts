/** A container's name server under load, and against clients that mean no good. */
import assert from "node:assert/strict";
import type { Bytes } from "../../base/container_engine.ts";
import { framed, MessageReader } from "../../net/dns/message_reader.ts";
import { requires } from "../support/requires.ts";
import { decode, DNS, query, silent, until, Upstream, withDns } from "./dns_test_support.ts";

const needs = { root: true, command: ["ip", "nsenter", "dig", "busybox", "python3"] } as const;
const none = { upstreams: () => undefined };

function fact(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ...requires(needs, name), fn });
}

function messages(stream: string): Bytes[] {
  return new MessageReader().push(Uint8Array.from(stream, (character) => character.charCodeAt(0)));
}

/** Sends bytes over one TCP connection, closes the sending half and gives all messages that come back. */
const EXCHANGE = `
import socket, sys
with socket.create_connection(("127.0.0.11", 53), timeout=10) as s:
    data, size = sys.stdin.buffer.read(), int(sys.argv[1])
    for i in range(0, len(data), size):
        s.sendall(data[i:i + size])
    s.shutdown(socket.SHUT_WR)
    while part := s.recv(65536):
        sys.stdout.write(part.decode("latin-1"))
`;

fact("2,000 queries in flight are all answered, each with its own answer", async () => {
  const names = new Map(Array.from({ length: 2000 }, (_, i) => [`c${i}`, [`10.1.${i >> 8}.${i & 255}`]]));
  await withDns(
    { ...none, view: { lookup: (name) => names.get(name), reverse: () => undefined } },
    async ({ inside }) => {
      const found = new Map<number, string | undefined>();
      using client = inside.datagrams((bytes) => {
        const { id, answers } = decode(bytes);
        found.set(id, answers[0]?.data);
      });
      for (let i = 0; i < 2000; i++) {
        // The client's socket has room for some 250 answers.
        if (i % 100 === 99) await until("few are on their way", () => found.size >= i - 99);
        client.send(query(i, `c${i}`), DNS);
      }
      await until("all are answered", () => found.size === 2000);
      for (const [id, address] of found) assert.equal(address, names.get(`c${id}`)?.[0]);
    },
  );
});

fact(
  "when too many are on their way the oldest fail, and names of ours are answered all the same",
  () =>
    withDns(
      { timeout: 60_000, limit: 10, upstreams: (reactor) => [new Upstream(reactor, silent)] },
      async ({ inside }) => {
        const failed: number[] = [];
        using client = inside.datagrams((bytes) => {
          const { id, rcode } = decode(bytes);
          assert.equal(rcode, "SERVFAIL");
          failed.push(id);
        });
        for (let i = 0; i < 30; i++) client.send(query(i, `${i}.example.com`), DNS);
        await until("20 have failed", () => failed.length === 20);
        assert.deepEqual(failed, Array.from({ length: 20 }, (_, i) => i));
        assert.deepEqual(await inside.short("web"), ["172.18.0.2"]);
        assert.equal(failed.length, 20);
      },
    ),
);

fact("rubbish is not answered, or refused, and does no harm", () =>
  withDns(none, async ({ inside }) => {
    const codes: string[] = [];
    using client = inside.datagrams((bytes) => codes.push(decode(bytes).rcode));
    const good = query(1, "web");
    for (let size = 0; size < good.length; size++) client.send(good.slice(0, size), DNS);
    const answer = good.slice();
    answer[2] = 0x80;
    client.send(answer, DNS);
    client.send(new Uint8Array(60_000).fill(0xff), DNS);
    client.send(new Uint8Array(5_000), DNS);
    client.send(good, DNS);
    await until("the good one is answered", () => codes.includes("NOERROR"));
    const refused = good.length - 12 + 1; // those with a header that is a query's, and the one of zeros
    assert.deepEqual(codes, [...Array(refused).fill("FORMERR"), "NOERROR"]);
  }));

for (const size of [1, 5, 100_000]) {
  fact(
    `many questions over one connection, in pieces of ${size} bytes, are answered after its half is closed`,
    () =>
      withDns(none, async ({ inside }) => {
        const questions = Array.from({ length: 50 }, (_, i) => framed(query(i, i % 2 === 0 ? "web" : "many")));
        const stdin = Uint8Array.from(questions.flatMap((bytes) => [...bytes]));
        const said = messages(await inside.run(["python3", "-c", EXCHANGE, `${size}`], stdin)).map(decode);
        assert.deepEqual(said.map(({ id }) => id), Array.from({ length: 50 }, (_, i) => i));
        assert.deepEqual(said.slice(0, 2).map(({ answers }) => answers.length), [1, 60]);
      }),
  );
}

fact(
  "whoever holds a hundred connections keeps nobody out, and who never reads costs nothing but his own",
  () =>
    withDns(none, async ({ inside }) => {
      const held = `
import socket, sys
sockets = [socket.create_connection(("127.0.0.11", 53)) for _ in range(100)]
greedy = socket.create_connection(("127.0.0.11", 53), timeout=1)
try:
    while True: greedy.sendall(sys.stdin.buffer.read() or bytes(1000000))
except OSError: pass
ask = socket.create_connection(("127.0.0.11", 53), timeout=10)
ask.sendall(bytes.fromhex("${
        Array.from(framed(query(7, "web")), (byte) => byte.toString(16).padStart(2, "0")).join("")
      }"))
sys.stdout.write(ask.recv(65536).decode("latin-1"))
`;
      const stdin = Uint8Array.from(Array(2_000).fill([...framed(query(1, "many"))]).flat());
      const [answer] = messages(await inside.run(["python3", "-c", held], stdin)).map(decode);
      assert.equal(answer?.id, 7);
    }),
);
