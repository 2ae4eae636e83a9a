import assert from "node:assert/strict";
import { Fd } from "../../sys/fd.ts";
import { newNamespace, withinNamespace } from "../../sys/namespace.ts";
import { bind, inetSocket, tryReceive, trySend } from "../../sys/socket.ts";
import { type Link, RouteSocket } from "../../net/route_socket.ts";
import { leakBaseline, leaks } from "../support/leaks.ts";
import { type Requirements, requires } from "../support/requires.ts";

/** A network namespace of the test's own, and what acts in it. */
export interface Place {
  readonly namespace: Fd;
  readonly route: RouteSocket;
  /** What a command prints in there. */
  run(...command: string[]): string;
  /** What `ip -j …` does. */
  json<T = ShownLink>(...command: string[]): T[];
}

/** A link as `ip -j -d link` shows it. */
export interface ShownLink {
  readonly ifindex: number;
  readonly ifname: string;
  readonly address: string;
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly master?: string;
  readonly link_index?: number;
  readonly link_netnsid?: number;
  readonly num_tx_queues: number;
  readonly num_rx_queues: number;
  readonly linkinfo?: { readonly info_kind: string; readonly info_data: { readonly mode?: string } };
}

/** An interface as `ip -j addr` shows it. */
export interface ShownAddresses {
  readonly ifindex: number;
  readonly addr_info: readonly ShownAddress[];
}

export interface ShownAddress {
  readonly local: string;
  readonly prefixlen: number;
  readonly broadcast?: string;
  readonly nodad?: boolean;
  readonly tentative?: boolean;
}

/** A route as `ip -j route` shows it. */
export interface ShownRoute {
  readonly type?: string;
  readonly gateway?: string;
}

/** A test with as many namespaces as it asks for; it must leave nothing behind. */
export function inNamespaces(
  name: string,
  fn: (...places: Place[]) => void | Promise<void>,
  needs: Requirements = {},
): void {
  const fit = requires({ root: true, command: "ip", ...needs }, name);
  Deno.test({
    name,
    ...fit,
    fn: async () => {
      const before = leakBaseline();
      const open = openDescriptors();
      {
        using opened = new DisposableStack();
        const places = Array.from({ length: fn.length }, () => place(opened));
        await fn(...places);
      }
      assert.deepEqual(leaks(before, "/nowhere"), []);
      assert.equal(openDescriptors(), open);
    },
  });
}

function place(opened: DisposableStack): Place {
  const namespace = opened.use(newNamespace("net"));
  const route = opened.use(withinNamespace("net", namespace, () => RouteSocket.open()));
  const run = (...command: string[]) => runInside(namespace, command);
  return { namespace, route, run, json: (...command) => JSON.parse(run(...command) || "[]") };
}

function runInside(namespace: Fd, [program = "", ...args]: readonly string[]): string {
  const output = withinNamespace("net", namespace, () => new Deno.Command(program, { args }).outputSync());
  const [stdout, stderr] = [output.stdout, output.stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.ok(output.success, `${program} ${args.join(" ")}: ${stderr}`);
  return stdout ?? "";
}

/** A bridge with an address, up. */
export function bridge({ route }: Place, address = "172.17.0.1/16"): Link {
  const made = route.createBridge("br0", { mac: "02:42:00:00:00:01" });
  route.configure(made.index, { addresses: [address] });
  return made;
}

/** A cable from the bridge to `inner`, with an address at its end and a route out. */
export function cable(outer: Place, inner: Place, to: Link, number: number): Link {
  const mac = `02:42:ac:11:00:0${number}`;
  const peer = { name: "eth0", namespace: inner.namespace, mac };
  outer.route.createVeth({ name: `veth${number}`, bridge: to.index, peer });
  const end = inner.route.link("eth0");
  assert.ok(end);
  inner.route.configure(end.index, {
    addresses: [`172.17.0.${number}/16`],
    routes: [{ to: "default", via: "172.17.0.1" }],
  });
  return end;
}

/** Whether a datagram from one namespace arrives in another. */
export async function reaches(from: Place, to: Place, ip: string): Promise<boolean> {
  using receiver = withinNamespace("net", to.namespace, () => inetSocket(ip, "datagram"));
  using sender = withinNamespace("net", from.namespace, () => inetSocket(ip, "datagram"));
  bind(receiver, { ip, port: 5000 });
  for (let attempt = 0; attempt < 40; attempt++) {
    trySend(sender, Uint8Array.of(1), { ip, port: 5000 });
    await new Promise((resolve) => setTimeout(resolve, 25));
    if (tryReceive(receiver, new Uint8Array(8))) return true;
  }
  return false;
}

function openDescriptors(): number {
  return Array.from(Deno.readDirSync("/proc/self/fd")).length;
}
