/** Ports that are held, as other processes see them. All happens in network namespaces of the test's own. */
import assert from "node:assert/strict";
import { PortAllocator } from "../../net/ports/port_allocator.ts";
import type { PortLease } from "../../net/ports/port_lease.ts";
import type { PortWish } from "../../net/ports/port_wish.ts";
import type { Fd } from "../../sys/fd.ts";
import { newNamespace, withinNamespace } from "../../sys/namespace.ts";
import { listen, tryAccept } from "../../sys/socket.ts";
import { output, run } from "../support/command.ts";
import { requires } from "../support/requires.ts";

const needs = { root: true, command: ["python3", "nsenter", "ip"] } as const;
const web: PortWish = { protocol: "tcp", containerPort: 80, hostIp: "", hostPort: "8080" };

/** A host of its own with the loopback interface up, and a look at our descriptors afterwards. */
async function withHost(body: (host: Host) => Promise<void>): Promise<void> {
  const before = descriptors();
  {
    using namespace = newNamespace("net");
    const host = new Host(namespace);
    await host.run("ip", "link", "set", "lo", "up");
    await body(host);
  }
  assert.equal(descriptors(), before, "descriptors are left");
}

const descriptors = () => [...Deno.readDirSync("/proc/self/fd")].length;

class Host {
  readonly #namespace: Fd;
  readonly ports = new PortAllocator();

  constructor(namespace: Fd) {
    this.#namespace = namespace;
  }

  within<T>(work: () => T): T {
    return withinNamespace("net", this.#namespace, work);
  }

  allocate(...wishes: readonly PortWish[]): PortLease {
    return this.within(() => this.ports.allocate(wishes));
  }

  command(...command: readonly string[]): string[] {
    return ["nsenter", `--net=/proc/${Deno.pid}/fd/${this.#namespace.number}`, ...command];
  }

  run(...command: readonly string[]): Promise<string> {
    return run(this.command(...command), { timeout: 20_000 });
  }

  /** What another process is told that does this in Python; the last word that it prints. */
  async python(script: string): Promise<string> {
    const { code, stdout, stderr } = await output(this.command("python3", "-c", `from socket import *\n${script}`), {
      timeout: 20_000,
    });
    return code === 0 ? stdout.trim() : stderr.trim().split("\n").at(-1) ?? "";
  }

  /** Another process that has a socket, until its input ends. */
  async process(script: string): Promise<AsyncDisposable> {
    const [program = "", ...args] = this.command(
      "python3",
      "-u",
      "-c",
      `from socket import *\n${script}\nprint()\ninput()`,
    );
    const child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "inherit" }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    return {
      [Symbol.asyncDispose]: async () => {
        await child.stdin.close();
        await reader.cancel();
        await child.status;
      },
    };
  }
}

async function accepted(listener: Fd): Promise<Fd> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const connection = tryAccept(listener);
    if (connection !== undefined) return connection.socket;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail("nobody has connected");
}

/** Tries to get a port in the way that servers do. */
function bindScript(family: string, type: string, address: string, options: readonly string[]): string {
  return [
    `s = socket(AF_${family}, SOCK_${type})`,
    ...family === "INET6" ? ["s.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)"] : [],
    ...options.map((option) => `s.setsockopt(SOL_SOCKET, SO_${option}, 1)`),
    `s.bind(("${address}", 8080))`,
    ...type === "STREAM" ? ["s.listen()"] : [],
  ].join("\n");
}

const attempts = ["INET 0.0.0.0", "INET 127.0.0.1", "INET6 ::", "INET6 ::1"].flatMap((place) =>
  ["STREAM", "DGRAM"].flatMap((type) =>
    [[], ["REUSEADDR"], ["REUSEPORT"], ["REUSEADDR", "REUSEPORT"]].map((options) => {
      const [family = "", address = ""] = place.split(" ");
      return { name: [place, type, ...options].join(" "), script: bindScript(family, type, address, options) };
    })
  )
);

Deno.test({
  name: "a held port cannot be had by another process, whatever options it sets, and can be afterwards",
  ...requires(needs),
  fn: () =>
    withHost(async (host) => {
      // One process for all of them: each line says what came of one attempt.
      const all = attempts.map(({ name, script }) =>
        `try:\n${
          script.replace(/^/gm, "  ")
        }\n  print("${name}: got it")\nexcept OSError as e:\n  print("${name}:", e.errno)\nfinally:\n  s.close()`
      ).join("\n");
      const lease = host.allocate(web, { ...web, protocol: "udp" });
      const held = (await host.python(all)).split("\n");
      assert.deepEqual(held, attempts.map(({ name }) => `${name}: 98`));
      lease[Symbol.dispose]();
      const free = (await host.python(all)).split("\n");
      assert.deepEqual(free, attempts.map(({ name }) => `${name}: got it`));
    }),
});

Deno.test({
  name: "whoever connects to a held port that nobody serves is refused at once",
  ...requires(needs),
  fn: () =>
    withHost(async (host) => {
      using _lease = host.allocate(web);
      for (const address of ["127.0.0.1", "::1"]) {
        const answer = await host.python(`create_connection(("${address}", 8080), 10)`);
        assert.match(answer, /ConnectionRefusedError/);
      }
    }),
});

const foreigners = [
  { name: "that listens", script: bindScript("INET", "STREAM", "0.0.0.0", ["REUSEADDR"]), port: "0.0.0.0:8080/tcp" },
  { name: "on one address", script: bindScript("INET", "STREAM", "127.0.0.1", []), port: "0.0.0.0:8080/tcp" },
  { name: "of IPv6 only", script: bindScript("INET6", "STREAM", "::", ["REUSEADDR"]), port: "[::]:8080/tcp" },
  { name: "of UDP", script: bindScript("INET", "DGRAM", "0.0.0.0", ["REUSEADDR"]), port: "0.0.0.0:8080/udp" },
];
for (const { name, script, port } of foreigners) {
  Deno.test({
    name: `a port of another process ${name} is refused, and nothing of the request stays held`,
    ...requires(needs),
    fn: () =>
      withHost(async (host) => {
        await using _process = await host.process(script);
        const wishes: PortWish[] = [{ ...web, hostPort: "8079" }, {
          ...web,
          protocol: port.endsWith("udp") ? "udp" : "tcp",
        }];
        assert.throws(() => host.allocate(...wishes), {
          class: "conflict",
          message: `failed to bind host port ${port}: address already in use`,
        });
        assert.equal(host.ports.size, 0);
        assert.equal(await host.python(`s = socket(); s.bind(("0.0.0.0", 8079)); print("free")`), "free");
        using lease = host.allocate({ ...web, hostPort: "8080-8081", protocol: wishes[1]?.protocol ?? "tcp" });
        assert.deepEqual(lease.ports.map(({ hostPort }) => hostPort), [8081, 8081]);
      }),
  });
}

Deno.test({
  name: "another engine cannot have a port that this one holds",
  ...requires(needs),
  fn: () =>
    withHost((host) => {
      using _lease = host.allocate(web, { ...web, protocol: "udp" });
      const other = new PortAllocator();
      for (const protocol of ["tcp", "udp"] as const) {
        assert.throws(() => host.within(() => other.allocate([{ ...web, protocol }])), {
          message: `failed to bind host port 0.0.0.0:8080/${protocol}: address already in use`,
        });
      }
      return Promise.resolve();
    }),
});

Deno.test({
  name: "connections that wait for their end (TIME_WAIT) do not keep a port from who wants it next",
  ...requires({ ...needs, command: [...needs.command, "ss"] }),
  fn: () =>
    withHost(async (host) => {
      await host.python(
        [
          bindScript("INET", "STREAM", "127.0.0.1", ["REUSEADDR"]),
          `client = create_connection(("127.0.0.1", 8080))`,
          "server, _ = s.accept()",
          "server.close(); client.recv(1); client.close()",
        ].join("\n"),
      );
      assert.match(await host.run("ss", "-Htan", "state", "time-wait"), /127\.0\.0\.1:8080/);
      using _lease = host.allocate(web);
    }),
});

Deno.test({
  name: "a proxy listens on the sockets of a lease, and what is left of its connections does not keep the port",
  ...requires({ ...needs, command: [...needs.command, "ss"] }),
  fn: () =>
    withHost(async (host) => {
      const script = `for a in "127.0.0.1", "::1": create_connection((a, 8080), 10).recv(1)\nprint("served")`;
      for (let round = 0; round < 2; round++) {
        using lease = host.allocate(web);
        const listeners = lease.ports.map((port) => lease.socketOf(port) ?? assert.fail("nothing to listen on"));
        for (const listener of listeners) listen(listener);
        const client = host.python(script);
        for (const listener of listeners) (await accepted(listener)).close();
        assert.equal(await client, "served");
        const left = await host.run("ss", "-Htan", "state", "time-wait", "sport", "=", ":8080");
        assert.equal(left.trim().split("\n").length, 2 + 2 * round, left);
      }
    }),
});

Deno.test({
  name: "an address that the host does not have is refused, and one that it has is held alone",
  ...requires(needs),
  fn: () =>
    withHost(async (host) => {
      assert.throws(() => host.allocate({ ...web, hostIp: "192.0.2.1" }), {
        class: "unavailable",
        message: "failed to bind host port 192.0.2.1:8080/tcp: cannot assign requested address",
      });
      using _lease = host.allocate({ ...web, hostIp: "127.0.0.1" });
      assert.equal(await host.python(`s = socket(); s.bind(("127.0.0.2", 8080)); print("free")`), "free");
      assert.match(await host.python(`s = socket(); s.bind(("127.0.0.1", 8080))`), /Address already in use/);
    }),
});

Deno.test({
  name: "a host without IPv6 gets a port of IPv4 only",
  ...requires({ ...needs, path: "/proc/sys/net/ipv6" }),
  fn: () =>
    withHost(async (host) => {
      await host.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6");
      using lease = host.allocate(web);
      assert.deepEqual(lease.ports.map(({ hostIp }) => hostIp), ["0.0.0.0"]);
    }),
});

Deno.test({
  name: "any free port is one of 49000-49900 that no other process has",
  ...requires(needs),
  fn: () =>
    withHost(async (host) => {
      const taken = "t = [socket() for _ in range(5)]\nfor i, s in enumerate(t): s.bind(('127.0.0.1', 49000 + i))";
      await using _process = await host.process(taken);
      using lease = host.allocate({ ...web, hostPort: "" }, { ...web, containerPort: 81, hostPort: "" });
      assert.deepEqual(lease.ports.map(({ hostPort }) => hostPort), [49005, 49005, 49006, 49006]);
    }),
});

Deno.test({
  name: "adopt() holds again what a running container has, as far as nobody has taken it",
  ...requires(needs),
  fn: () =>
    withHost(async (host) => {
      const running = [8079, 8080].map((hostPort) => ({
        ...web,
        protocol: "tcp" as const,
        hostIp: "0.0.0.0",
        hostPort,
      }));
      await using _process = await host.process(bindScript("INET", "STREAM", "127.0.0.1", []));
      const lost: number[] = [];
      using lease = host.within(() => host.ports.adopt(running, ({ hostPort }) => lost.push(hostPort)));
      assert.deepEqual([lost, lease.ports.length], [[8080], 2]);
      assert.match(await host.python(`s = socket(); s.bind(("0.0.0.0", 8079))`), /Address already in use/);
    }),
});

Deno.test({
  name: "a port of SCTP is ours alone, whether the kernel knows the protocol or not",
  ...requires(needs),
  fn: () =>
    withHost((host) => {
      using _lease = host.allocate({ ...web, protocol: "sctp" });
      assert.throws(() => host.allocate({ ...web, protocol: "sctp" }), {
        message: "Bind for 0.0.0.0:8080 failed: port is already allocated",
      });
      return Promise.resolve();
    }),
});
