/**
 * A host with two bridges, three containers and a neighbour, each a network namespace of its own, for the tests of
 * net/firewall on the real kernel:
 *
 * ```
 *   first 10.88.1.2 ─┐
 *  second 10.88.1.3 ─┴ br-a 10.88.1.1 ┐
 *   third 10.88.2.2 ── br-b 10.88.2.1 ┴ host 192.0.2.1, 192.0.2.9 ── uplink ── 192.0.2.2 neighbour
 * ```
 * The neighbour has routes by the host to everything, as an attacker would; fd00:88::/32 is laid out likewise.
 */
import assert from "node:assert/strict";
import { Firewall, type FirewallOptions } from "../../net/firewall/firewall.ts";
import type { FirewallNetwork, FirewallPort } from "../../net/firewall/firewall_data.ts";
import type { Fd } from "../../sys/fd.ts";
import { newNamespace, withinNamespace } from "../../sys/namespace.ts";
import { tryRead, tryWrite } from "../../sys/nonblocking.ts";
import {
  beginConnect,
  bind,
  inetSocket,
  listen,
  setOption,
  SO,
  tryAccept,
  tryReceive,
  trySend,
} from "../../sys/socket.ts";

export type Variant = "nft" | "legacy";
export const VARIANTS: readonly Variant[] = ["nft", "legacy"];

export const PREFIX = "SAUROPOD-test";
export const NETWORK_A: FirewallNetwork = {
  bridge: "br-a",
  subnets: ["10.88.1.0/24", "fd00:88:1::/64"],
  internal: false,
  icc: true,
  masquerade: true,
};
export const NETWORK_B: FirewallNetwork = { ...NETWORK_A, bridge: "br-b", subnets: ["10.88.2.0/24", "fd00:88:2::/64"] };

/** Port 8080 of every address of the host leads to port 80 of the first container, unless told. */
export function port(changes: Partial<FirewallPort> = {}): FirewallPort {
  return {
    bridge: "br-a",
    containerIp: "10.88.1.2",
    containerPort: 80,
    protocol: "tcp",
    hostIp: "0.0.0.0",
    hostPort: 8080,
    ...changes,
  };
}

export const PLACES = ["host", "neighbour", "first", "second", "third"] as const;
export type Place = typeof PLACES[number];

interface Target {
  readonly ip: string;
  readonly port: number;
  readonly protocol?: "tcp" | "udp";
}

/** How long an answer may take, and how long a silence has to be: what is dropped is never answered. */
const PATIENCE = 3000;
const SILENCE = 400;

/** The machines, and everything that was started on them. */
export class Machines implements AsyncDisposable {
  readonly #undo = new DisposableStack();
  readonly #places: Readonly<Record<Place, Fd>>;
  readonly #timers = new Set<ReturnType<typeof setInterval>>();
  readonly log: string[] = [];
  /** What the servers have answered so far. */
  readonly #heard: string[] = [];

  constructor() {
    const places = PLACES.map((place) => [place, this.#undo.use(newNamespace("net"))] as const);
    this.#places = Object.fromEntries(places) as Record<Place, Fd>;
    for (const place of PLACES) {
      this.#ip(place, ["link set lo up"]);
      for (const scope of ["all", "default"]) this.setSysctl(place, `net/ipv6/conf/${scope}/accept_dad`, "0");
    }
    this.setSysctl("host", "net/ipv4/ip_forward", "1");
    this.setSysctl("host", "net/ipv6/conf/all/forwarding", "1");
    this.#ip("host", ["link add br-a type bridge", "link add br-b type bridge"]);
    for (const [bridge, n] of [["br-a", 1], ["br-b", 2]] as const) {
      this.#ip("host", [
        `address add 10.88.${n}.1/24 dev ${bridge}`,
        `address add fd00:88:${n}::1/64 dev ${bridge} nodad`,
        `link set ${bridge} up`,
      ]);
      this.setSysctl("host", `net/ipv4/conf/${bridge}/route_localnet`, "1");
    }
    this.#cable("first", "veth1", "10.88.1.2/24", "fd00:88:1::2/64", "br-a");
    this.#cable("second", "veth2", "10.88.1.3/24", "fd00:88:1::3/64", "br-a");
    this.#cable("third", "veth3", "10.88.2.2/24", "fd00:88:2::2/64", "br-b");
    this.#cable("neighbour", "uplink", "192.0.2.2/24", "fd00:88:9::2/64");
    this.#ip("host", [
      "address add 192.0.2.1/24 dev uplink",
      "address add 192.0.2.9/24 dev uplink",
      "address add fd00:88:9::1/64 dev uplink nodad",
    ]);
    const routes = { first: 1, second: 1, third: 2 } as const;
    for (const [place, n] of Object.entries(routes)) {
      this.#ip(place as Place, [`route add default via 10.88.${n}.1`, `route add default via fd00:88:${n}::1`]);
    }
    this.#ip("neighbour", ["route add 10.88.0.0/16 via 192.0.2.1", "route add fd00:88::/32 via fd00:88:9::1"]);
  }

  /** A veth pair: `eth0` in `place`, the other end on the host, and on a bridge of its. */
  #cable(place: Place, outside: string, v4: string, v6: string, bridge?: string): void {
    const namespace = `/proc/${Deno.pid}/fd/${this.#places[place].number}`;
    this.#ip("host", [
      `link add ${outside} type veth peer name eth0 netns ${namespace}`,
      ...(bridge === undefined ? [] : [
        `link set ${outside} master ${bridge}`,
        // Where bridged frames pass iptables, what is translated goes back by the port it came in by.
        `link set ${outside} type bridge_slave hairpin on`,
      ]),
      `link set ${outside} up`,
    ]);
    this.#ip(place, [`address add ${v4} dev eth0`, `address add ${v6} dev eth0 nodad`, "link set eth0 up"]);
  }

  #ip(place: Place, commands: readonly string[]): void {
    for (const command of commands) this.run(place, ["ip", ...command.split(" ")]);
  }

  setSysctl(place: Place, name: string, value: string): void {
    withinNamespace("net", this.#places[place], () => Deno.writeTextFileSync(`/proc/sys/${name}`, value));
  }

  sysctl(place: Place, name: string): string | undefined {
    return withinNamespace("net", this.#places[place], () => {
      try {
        return Deno.readTextFileSync(`/proc/sys/${name}`).trim();
      } catch {
        return undefined;
      }
    });
  }

  /** Makes `place` one that sends to 127.0.0.1 by its wire (the attack of CVE-2020-8558). */
  aimAtLoopback(place: Place, via: string): void {
    this.setSysctl(place, "net/ipv4/conf/eth0/route_localnet", "1");
    this.#ip(place, ["address del 127.0.0.1/8 dev lo", `route add 127.0.0.1/32 via ${via} dev eth0`]);
  }

  run(place: Place, [program = "", ...args]: readonly string[]): string {
    const { code, stdout, stderr } = withinNamespace(
      "net",
      this.#places[place],
      () => new Deno.Command(program, { args, stdin: "null" }).outputSync(),
    );
    const text = new TextDecoder();
    assert.equal(code, 0, `${program} ${args.join(" ")} on ${place}: ${text.decode(stderr)}`);
    return text.decode(stdout);
  }

  async firewall(variant: Variant, options: Partial<FirewallOptions> = {}): Promise<Firewall> {
    const firewall = await Firewall.open({
      prefix: PREFIX,
      variant,
      namespace: this.#places.host,
      log: (message) => void this.log.push(message),
      ...options,
    });
    assert.ok(firewall !== undefined);
    return this.#undo.use(firewall);
  }

  /** Answers every question at `ip:port` with the place and the address of who asks. */
  serve(place: Place, ip: string, number: number): void {
    const answer = (from: string) => {
      this.#heard.push(`${place} heard ${from}`);
      return new TextEncoder().encode(this.#heard.at(-1));
    };
    const [tcp, udp] = withinNamespace("net", this.#places[place], () => {
      const sockets = [inetSocket(ip, "stream"), inetSocket(ip, "datagram")] as const;
      for (const socket of sockets) {
        this.#undo.use(socket);
        if (ip.includes(":")) setOption(socket, SO.IPV6_V6ONLY, 1);
        bind(socket, { ip, port: number });
      }
      return sockets;
    });
    listen(tcp);
    this.#timers.add(setInterval(() => {
      for (let next = tryAccept(tcp); next !== undefined; next = tryAccept(tcp)) {
        using socket = next.socket;
        tryWrite(socket, answer(next.from.ip));
      }
      const data = new Uint8Array(64);
      for (let next = tryReceive(udp, data); next !== undefined; next = tryReceive(udp, data)) {
        if (next.from !== undefined) trySend(udp, answer(next.from.ip), next.from);
      }
    }, 5));
  }

  /** What comes back from `to`; undefined when nothing does, be it by silence or refusal. */
  async ask(place: Place, { ip, port, protocol = "tcp" }: Target, patience = PATIENCE): Promise<string | undefined> {
    const type = protocol === "tcp" ? "stream" : "datagram";
    using socket = withinNamespace("net", this.#places[place], () => inetSocket(ip, type));
    const data = new Uint8Array(64);
    try {
      beginConnect(socket, { ip, port });
      if (protocol === "udp") trySend(socket, new TextEncoder().encode("?"));
      for (const end = Date.now() + patience; Date.now() < end;) {
        const size = tryRead(socket, data);
        if (size !== undefined) return new TextDecoder().decode(data.subarray(0, size));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } catch {
      // refused, unreachable: no answer either
    }
    return undefined;
  }

  async hears(place: Place, to: Target, expected: string): Promise<void> {
    assert.equal(await this.ask(place, to), expected, `${place} asks ${to.ip} port ${to.port}`);
  }

  /** Neither answers nor questions arrive. Several at once, because each has to wait. */
  async hearNothing(questions: readonly (readonly [Place, Target])[]): Promise<void> {
    const before = this.#heard.length;
    const answers = await Promise.all(questions.map(([place, to]) => this.ask(place, to, SILENCE)));
    answers.forEach((answer, i) => {
      const [place, to] = questions[i] ?? [];
      assert.equal(answer, undefined, `${place} asks ${to?.ip} port ${to?.port}`);
    });
    assert.deepEqual(this.#heard.slice(before), [], "a question arrived, if no answer");
  }

  /** The rules as iptables sees them. */
  saved(variant: Variant, family: 4 | 6 = 4): string {
    return this.run("host", [`${family === 6 ? "ip6tables" : "iptables"}-${variant}-save`]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#undo.dispose();
    await Promise.resolve();
  }
}

/** Namespaces and sockets of this process, and interfaces of the host's that have the names of ours: to see a leak. */
export function ownings(): string[] {
  const descriptors = Array.from(Deno.readDirSync("/proc/self/fd"), ({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`);
    } catch {
      return ""; // the descriptor of this very listing
    }
  });
  const interfaces = Array.from(Deno.readDirSync("/sys/class/net"), ({ name }) => name);
  return [
    ...descriptors.filter((target) => /^(net|socket):/.test(target)),
    ...interfaces.filter((name) => /^(br-[ab]|veth[123]|uplink)$/.test(name)),
  ].sort();
}

/** Waits until `fact` is so. */
export async function until(what: string, fact: () => boolean, seconds = 10): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !fact();) {
    assert.ok(Date.now() < end, `waited for long: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
