/** A container's name server on the real kernel, asked by dig, host and busybox. */
import assert from "node:assert/strict";
import { DnsServer } from "../../net/dns/server.ts";
import { Reactor } from "../../runtime/reactor.ts";
import { requires } from "../support/requires.ts";
import {
  answerOf,
  answers,
  Datagrams,
  DNS,
  encode,
  gone,
  Inside,
  type Message,
  NAMES,
  query,
  silent,
  until,
  Upstream,
  withDns,
} from "./dns_test_support.ts";

const needs = { root: true, command: ["ip", "nsenter", "dig", "host", "busybox", "ss"] } as const;
const none = { upstreams: () => undefined };

function fact(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ...requires(needs, name), fn });
}

fact(
  "dig, host and busybox nslookup find containers by name and by address",
  () =>
    withDns(none, async ({ inside }) => {
      assert.deepEqual(await inside.short("web"), ["172.18.0.2"]);
      assert.deepEqual(await inside.short("WEB.My-Net."), ["172.18.0.2"]);
      assert.deepEqual(await inside.short("both", "AAAA"), ["fd00::3"]);
      assert.deepEqual(await inside.short("many"), NAMES.many?.toSorted());
      assert.deepEqual(await inside.short("-x", "172.18.0.2"), ["web.my-net."]);
      assert.deepEqual(await inside.short("-x", "fd00::3"), ["both.my-net."]);
      assert.match(await inside.run(["host", "both", "127.0.0.11"]), /address 172\.18\.0\.3\n.*address fd00::3/);
      assert.match(await inside.run(["busybox", "nslookup", "web", "127.0.0.11"]), /Address: 172\.18\.0\.2/);
    }),
);

fact(
  "a name of ours is only ours: other types of it are empty, and nobody else is asked",
  () =>
    withDns({ upstreams: (reactor) => [new Upstream(reactor, answers)] }, async ({ inside }, [upstream]) => {
      for (const type of ["AAAA", "MX", "TXT", "ANY"]) {
        const said = await inside.dig("web", type, "+notcp");
        assert.match(said, /status: NOERROR/, type);
        assert.match(said, /ANSWER: 0/, type);
      }
      assert.deepEqual(upstream?.asked, []);
    }),
);

fact("the answer follows the view at once", async () => {
  const names = new Map([["web", ["172.18.0.2"]]]);
  await withDns(
    { ...none, view: { lookup: (name) => names.get(name), reverse: () => undefined } },
    async ({ inside }) => {
      assert.deepEqual(await inside.short("web"), ["172.18.0.2"]);
      names.set("web", ["172.18.0.77"]);
      assert.deepEqual(await inside.short("web"), ["172.18.0.77"]);
      names.delete("web");
      assert.equal(await inside.status("web"), "NXDOMAIN");
    },
  );
});

fact("two containers ask the same address and see each their own names", async () => {
  const view = (ip: string) => ({
    lookup: (name: string) => name === "db" ? [ip] : undefined,
    reverse: () => undefined,
  });
  await using reactor = new Reactor({ onError: (error) => assert.fail(`${error}`) });
  using one = await Inside.open(reactor);
  using other = await Inside.open(reactor);
  const options = { poller: reactor, upstreams: () => undefined, log: () => {} };
  using _first = DnsServer.listen(one.namespace, { ...options, view: view("172.18.0.2") });
  using _second = DnsServer.listen(other.namespace, { ...options, view: view("172.19.0.2") });
  assert.deepEqual(await one.short("db"), ["172.18.0.2"]);
  assert.deepEqual(await other.short("db"), ["172.19.0.2"]);
});

fact("an answer that does not fit is cut off, and comes whole over TCP", () =>
  withDns(none, async ({ inside }) => {
    const cut = await inside.dig("many", "+noedns", "+ignore");
    assert.match(cut, /flags: [^;]*\btc\b/);
    assert.ok(Number(/MSG SIZE {2}rcvd: (\d+)/.exec(cut)?.[1]) <= 512);
    assert.equal((await inside.short("many", "+noedns")).length, 60);
    assert.match(await inside.dig("many", "+bufsize=1232", "+notcp"), /ANSWER: 60/);
  }));

fact(
  "a version of EDNS that nobody knows is refused as RFC 6891 has it",
  () =>
    withDns(none, async ({ inside }) => assert.equal(await inside.status("web", "+edns=7", "+noednsneg"), "BADVERS")),
);

fact(
  "all other names are forwarded, each with an id and a source port of its own, and EDNS as it came",
  () =>
    withDns({ upstreams: (reactor) => [new Upstream(reactor, answers)] }, async ({ inside }, [upstream]) => {
      for (let i = 0; i < 8; i++) {
        assert.deepEqual(await inside.short("example.com", "+bufsize=1400"), ["93.184.216.34"]);
      }
      assert.deepEqual(await inside.short("single-label"), ["93.184.216.34"]);
      const asked = upstream?.asked ?? [];
      assert.equal(asked.length, 9);
      assert.ok(new Set(asked.map(({ port }) => port)).size > 5);
      assert.ok(new Set(asked.map(({ message }) => message.id)).size > 5);
      assert.equal(asked[0]?.message.additionals[0]?.udpPayloadSize, 1400);
    }),
);

fact("what the server has cut off is asked for again over TCP, there too", () => {
  const long: object[] = Array.from(
    { length: 100 },
    (_, i) => ({ type: "A", name: "big.example", data: `10.0.0.${i}` }),
  );
  const behaviour = (
    { transport, message: { id, questions } }: { transport: string; message: Message },
    send: (m: object) => void,
  ) =>
    send({
      type: "response",
      id,
      flags: transport === "udp" ? 0x280 : 0x80,
      questions,
      answers: transport === "udp" ? [] : long,
    });
  return withDns({ upstreams: (reactor) => [new Upstream(reactor, behaviour)] }, async ({ inside }, [upstream]) => {
    assert.equal((await inside.short("big.example")).length, 100);
    assert.deepEqual(upstream?.asked.map(({ transport }) => transport), ["udp", "tcp"]);
  });
});

const fails = (flags: number) => ({ message: { id, questions } }: { message: Message }, send: (m: object) => void) =>
  send({ type: "response", id, flags, questions });
const SERVFAIL = 2, NXDOMAIN = 3, REFUSED = 5;

const troubles: { name: string; first: ConstructorParameters<typeof Upstream>[1]; transport: string }[] = [
  { name: "says nothing", first: silent, transport: "+notcp" },
  { name: "says nothing over TCP", first: silent, transport: "+tcp" },
  { name: "says SERVFAIL", first: fails(SERVFAIL), transport: "+notcp" },
  { name: "refuses", first: fails(REFUSED), transport: "+tcp" },
];
for (const { name, first, transport } of troubles) {
  fact(`the second server is asked when the first ${name}`, () =>
    withDns({
      timeout: 200,
      upstreams: (reactor) => [new Upstream(reactor, first), new Upstream(reactor, answers)],
    }, async ({ inside }) => assert.deepEqual(await inside.short("example.com", transport), ["93.184.216.34"])));
}

for (const transport of ["+notcp", "+tcp"]) {
  fact(
    `a server that is not there costs no time (${transport})`,
    () =>
      withDns(
        { timeout: 60_000, upstreams: (reactor) => [gone(reactor), new Upstream(reactor, answers)] },
        async (part) => {
          assert.deepEqual(await part.inside.short("example.com", transport), ["93.184.216.34"]);
        },
      ),
  );
}

fact("NXDOMAIN is an answer, and the second server is not asked", () =>
  withDns({
    upstreams: (reactor) => [new Upstream(reactor, fails(NXDOMAIN)), new Upstream(reactor, answers)],
  }, async ({ inside }, [, second]) => {
    assert.equal(await inside.status("no.example"), "NXDOMAIN");
    assert.deepEqual(second?.asked, []);
  }));

fact("SERVFAIL is the answer when no server is left, or there is none at all, and the log says so once", async () => {
  await withDns(
    { timeout: 100, upstreams: (reactor) => [new Upstream(reactor, silent)] },
    async ({ inside, logged }) => {
      for (let i = 0; i < 3; i++) assert.equal(await inside.status("example.com"), "SERVFAIL");
      assert.equal(logged.length, 1);
    },
  );
  await withDns({ upstreams: () => [] }, async ({ inside }) => {
    assert.equal(await inside.status("example.com"), "SERVFAIL");
    assert.equal(await inside.status("example.com", "+tcp"), "SERVFAIL");
    assert.deepEqual(await inside.short("web"), ["172.18.0.2"]);
  });
});

fact("without a way out other names do not exist", () =>
  withDns(none, async ({ inside }) => {
    assert.equal(await inside.status("secret.attacker.example"), "NXDOMAIN");
    assert.equal(await inside.status("-x", "172.18.0.99"), "NXDOMAIN");
  }));

fact(
  "an answer with another id, of another question or from another server is not believed",
  () =>
    withDns({ upstreams: (reactor) => [new Upstream(reactor, silent)] }, async ({ inside, reactor }, [upstream]) => {
      using stranger = new Datagrams(reactor, () => {});
      upstream?.behave(({ message: { id, questions }, port }, send) => {
        stranger.send(encode(answerOf(id, questions, "6.6.6.1")), { ip: "127.0.0.1", port });
        send(answerOf((id + 1) & 0xffff, questions, "6.6.6.2"));
        send(answerOf(id, [{ name: "example.org", type: "A" }], "6.6.6.3"));
        send({ ...answerOf(id, questions, "6.6.6.4"), type: "query" });
        setTimeout(() => send(answerOf(id, questions)), 50);
      });
      assert.deepEqual(await inside.short("example.com"), ["93.184.216.34"]);
    }),
);

fact(
  "listen() says which address is taken when the container has a name server of its own",
  () =>
    withDns(none, ({ inside, reactor }) => {
      const options = { poller: reactor, view: { lookup: () => undefined, reverse: () => undefined }, log: () => {} };
      const listen = (port?: number) =>
        DnsServer.listen(inside.namespace, { ...options, upstreams: () => [], ...port !== undefined && { port } });
      assert.throws(() => listen(), { name: "SyscallError", message: /^bind 127\.0\.0\.11:53: EADDRINUSE/ });
      using other = listen(0);
      assert.ok(other.ports.udp > 0 && other.ports.udp !== 53 && other.ports.tcp !== 53);
      return Promise.resolve();
    }),
);

fact("listen() says what is missing while the loopback interface is down", async () => {
  await using reactor = new Reactor({ onError: (error) => assert.fail(`${error}`) });
  using inside = Inside.withoutLoopback(reactor);
  const view = { lookup: () => undefined, reverse: () => undefined };
  const listen = () =>
    DnsServer.listen(inside.namespace, { poller: reactor, view, upstreams: () => [], log: () => {} });
  assert.throws(listen, { name: "SyscallError", message: /^connect 127\.0\.0\.11:53: ENETUNREACH/ });
});

fact(
  "after dispose() nobody listens, and an answer that comes late is nobody's",
  () =>
    withDns({ upstreams: (reactor) => [new Upstream(reactor, silent)] }, async ({ inside, server }, [upstream]) => {
      using client = inside.datagrams(() => assert.fail("an answer"));
      client.send(query(1, "example.com"), DNS);
      await until("the server is asked", () => upstream?.asked.length === 1);
      server[Symbol.dispose]();
      server[Symbol.dispose]();
      assert.equal(await inside.run(["ss", "-Hltun"]).then((lines) => lines.includes("127.0.0.11")), false);
    }),
);
