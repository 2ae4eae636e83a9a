/** Flows that the kernel tracks, and forgets; `/proc/net/nf_conntrack` is the witness. */
import assert from "node:assert/strict";
import { withinNamespace } from "../../sys/namespace.ts";
import { inetSocket, trySend } from "../../sys/socket.ts";
import { forgetFlows } from "../../net/conntrack.ts";
import { inNamespaces, type Place } from "./netlink_test_support.ts";

const needs = { command: ["ip", "iptables"], path: "/proc/thread-self/net/nf_conntrack" };

/** `udp 127.0.0.1 -> 127.0.0.1:53`, one for each flow. */
function flows({ namespace }: Place): string[] {
  const table = withinNamespace("net", namespace, () => Deno.readTextFileSync("/proc/thread-self/net/nf_conntrack"));
  return table.trim().split("\n").filter(Boolean).map((line) => {
    const [, protocol = "", source = "", target = "", port = ""] =
      /^ipv\d+\s+\d+ (\w+).*? src=(\S+) dst=(\S+) sport=\d+ dport=(\d+)/.exec(line) ?? [];
    return `${protocol} ${shortened(source)} -> ${shortened(target)}:${port}`;
  }).toSorted();
}

function shortened(ip: string): string {
  return ip.replace(/^(0000:){7}0001$/, "::1");
}

/** Packets are tracked where a rule asks for it; the second of two namespaces stands for a container behind a port. */
function track({ run, route }: Place): void {
  route.setUp(1);
  for (const command of ["iptables", "ip6tables"]) {
    run(command, "-w", "-A", "INPUT", "-m", "conntrack", "--ctstate", "INVALID", "-j", "DROP");
  }
}

function send({ namespace }: Place, ip: string, port: number): void {
  using socket = withinNamespace("net", namespace, () => inetSocket(ip, "datagram"));
  trySend(socket, Uint8Array.of(1), { ip, port });
}

/** Forgets in there. */
function forget({ namespace }: Place, what: Parameters<typeof forgetFlows>[0]): number {
  return withinNamespace("net", namespace, () => forgetFlows(what));
}

inNamespaces("forgetFlows() forgets those to a port, of both IPv4 and IPv6, and no others", (host) => {
  track(host);
  for (const port of [53, 5353]) {
    send(host, "127.0.0.1", port);
    send(host, "::1", port);
  }
  const all = ["127.0.0.1 -> 127.0.0.1:53", "127.0.0.1 -> 127.0.0.1:5353", "::1 -> ::1:53", "::1 -> ::1:5353"];
  assert.deepEqual(flows(host), all.map((flow) => `udp ${flow}`));
  assert.equal(forget(host, { protocol: "tcp", hostPort: 53 }), 0);
  assert.equal(forget(host, { protocol: "udp", hostPort: 53 }), 2);
  assert.deepEqual(flows(host), ["udp 127.0.0.1 -> 127.0.0.1:5353", "udp ::1 -> ::1:5353"]);
  assert.equal(forget(host, { protocol: "udp", hostPort: 53 }), 0);
}, needs);

inNamespaces("forgetFlows() forgets what a rule leads elsewhere, by the port that it was sent to", (host) => {
  track(host);
  for (const [port, to] of [[8053, "127.0.0.7:53"], [8054, "127.0.0.8:8053"]] as const) {
    host.run(..."iptables -w -t nat -A OUTPUT -p udp --dport".split(" "), `${port}`, "-j", "DNAT", "--to", to);
    send(host, "127.0.0.1", port);
  }
  assert.equal(flows(host).length, 2);
  assert.equal(forget(host, { protocol: "udp", hostPort: 53 }), 0);
  assert.equal(forget(host, { protocol: "udp", hostPort: 8053 }), 1);
  assert.deepEqual(flows(host), ["udp 127.0.0.1 -> 127.0.0.1:8054"]);
}, needs);

inNamespaces("forgetFlows() forgets many", (host) => {
  track(host);
  for (let number = 0; number < 500; number++) send(host, `127.1.${number >> 8}.${number & 0xff}`, 53);
  send(host, "127.0.0.1", 54);
  assert.equal(flows(host).length, 501);
  assert.equal(forget(host, { protocol: "udp", hostPort: 53 }), 500);
  assert.deepEqual(flows(host), ["udp 127.0.0.1 -> 127.0.0.1:54"]);
}, needs);
