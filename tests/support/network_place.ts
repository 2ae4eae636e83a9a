/**
 * Whoever speaks in the tests of networks: the host (the test's own namespace), a container, a neighbour of the host.
 * Servers and clients are sockets of the test that were made there, so that a test sees both ends of what is said.
 */
import assert from "node:assert/strict";
import { Fd } from "../../sys/fd.ts";
import { newNamespace, ownNamespace, withinNamespace } from "../../sys/namespace.ts";
import { tryRead, tryWrite } from "../../sys/nonblocking.ts";
import { O, open } from "../../sys/open.ts";
import {
  beginConnect,
  bind,
  inetSocket,
  listen,
  setOption,
  SO,
  takeError,
  tryAccept,
  tryReceive,
  trySend,
} from "../../sys/socket.ts";
import { run } from "./command.ts";
import { pidOf } from "./containers.ts";
import type { Sandbox } from "./sandbox.ts";

/** Where somebody is asked. */
export interface Target {
  readonly ip: string;
  readonly port: number;
  readonly protocol?: "tcp" | "udp";
  /** The port that the question is asked from; any, unless told. */
  readonly from?: number;
}

/** How long an answer may take, and how long a silence has to be: what is dropped is never answered. */
const PATIENCE = 3000;
export const SILENCE = 400;

/** One network namespace; disposed of, nobody listens there any more. */
export class Place implements Disposable {
  readonly #namespace: Fd;
  readonly #open = new DisposableStack();
  /** Who was heard by the servers here: `5200 heard 192.0.2.2`. */
  readonly heard: string[] = [];

  private constructor(readonly name: string, namespace: Fd) {
    this.#namespace = this.#open.use(namespace);
  }

  /** The machine that the engine runs on. */
  static host(): Place {
    return new Place("host", ownNamespace("net"));
  }

  static async container(box: Sandbox, name: string): Promise<Place> {
    return Place.process(name, await pidOf(box, name));
  }

  /** Where a process is. */
  static process(name: string, pid: number): Place {
    return new Place(name, open(`/proc/${pid}/ns/net`, O.RDONLY));
  }

  /** Another host behind a cable: the test's own gets `addresses`, it gets `its`. Both go when it is disposed of. */
  static async neighbour(addresses: readonly string[], its: readonly string[]): Promise<Place> {
    const place = new Place("neighbour", newNamespace("net"));
    const namespace = `/proc/${Deno.pid}/fd/${place.#namespace.number}`;
    await run(["ip", "link", "add", "uplink", "type", "veth", "peer", "name", "eth0", "netns", namespace]);
    place.#open.defer(() => {
      new Deno.Command("ip", { args: ["link", "del", "uplink"] }).outputSync();
    });
    for (const address of addresses) await run(["ip", "address", "add", address, "dev", "uplink", ...quick(address)]);
    await run(["ip", "link", "set", "uplink", "up"]);
    await place.run("ip", "link", "set", "lo", "up");
    for (const address of its) await place.run("ip", "address", "add", address, "dev", "eth0", ...quick(address));
    await place.run("ip", "link", "set", "eth0", "up");
    return place;
  }

  /** Runs a program of this machine in there. */
  run(...command: string[]): Promise<string> {
    return run(["nsenter", `--net=/proc/${Deno.pid}/fd/${this.#namespace.number}`, ...command]);
  }

  /** Makes it one that sends to 127.0.0.1 by its wire (the attack of CVE-2020-8558). */
  async aimAtLoopback(via: string): Promise<void> {
    withinNamespace("net", this.#namespace, () => {
      Deno.writeTextFileSync("/proc/sys/net/ipv4/conf/eth0/route_localnet", "1");
    });
    await this.run("ip", "address", "del", "127.0.0.1/8", "dev", "lo");
    await this.run("ip", "route", "add", "127.0.0.1/32", "via", via, "dev", "eth0");
  }

  /** Answers every question at `port`, by TCP and by UDP, with the place and the address of who asks. */
  serve(port: number, ip = "0.0.0.0"): this {
    const answer = (from: string) => {
      this.heard.push(`${port} heard ${from}`);
      return new TextEncoder().encode(`${this.name} heard ${from}`);
    };
    const [tcp, udp] = this.#bound(ip, port);
    listen(tcp);
    const timer = setInterval(() => {
      for (let next = tryAccept(tcp); next !== undefined; next = tryAccept(tcp)) {
        using socket = next.socket;
        tryWrite(socket, answer(next.from.ip));
      }
      receive(udp, (_, from) => answer(from));
    }, 5);
    this.#open.defer(() => clearInterval(timer));
    return this;
  }

  /** Answers datagrams to `port` with what `reply` makes of them; undefined is silence. */
  serveDatagrams(ip: string, port: number, reply: (data: Uint8Array) => Uint8Array<ArrayBuffer> | undefined): this {
    const [, udp] = this.#bound(ip, port);
    const timer = setInterval(() => receive(udp, reply), 5);
    this.#open.defer(() => clearInterval(timer));
    return this;
  }

  /** Reads what the first who connects to `port` says, until he ends or `size` bytes are there. */
  async firstWords(port: number, size: number): Promise<Uint8Array> {
    using listener = withinNamespace("net", this.#namespace, () => Deno.listen({ hostname: "0.0.0.0", port }));
    using connection = await listener.accept();
    const data = new Uint8Array(size);
    for (let at = 0; at < size;) {
      const read = await connection.read(data.subarray(at));
      if (read === null) break;
      at += read;
    }
    return data;
  }

  #bound(ip: string, port: number): readonly [tcp: Fd, udp: Fd] {
    return withinNamespace("net", this.#namespace, () => {
      const made = (type: "stream" | "datagram") => this.#open.use(inetSocket(ip, type));
      const sockets = [made("stream"), made("datagram")] as const;
      for (const socket of sockets) {
        if (ip.includes(":")) setOption(socket, SO.IPV6_V6ONLY, 1);
        setOption(socket, SO.REUSEADDR, 1);
        bind(socket, { ip, port });
      }
      return sockets;
    });
  }

  /** What comes back; undefined when nothing does, be it by silence or refusal. `say` goes out first. */
  async ask({ ip, port, protocol = "tcp", from }: Target, patience = PATIENCE): Promise<string | undefined> {
    const type = protocol === "tcp" ? "stream" : "datagram";
    using socket = withinNamespace("net", this.#namespace, () => inetSocket(ip, type));
    const data = new Uint8Array(512);
    try {
      if (from !== undefined) bind(socket, { ip: ip.includes(":") ? "::" : "0.0.0.0", port: from });
      beginConnect(socket, { ip, port });
      if (protocol === "udp") trySend(socket, new TextEncoder().encode("?"));
      for (const end = Date.now() + patience; Date.now() < end;) {
        if (takeError(socket) !== 0) return undefined;
        const size = tryRead(socket, data);
        if (size !== undefined && size > 0) return new TextDecoder().decode(data.subarray(0, size));
        if (size === 0) return undefined;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    } catch {
      // refused, unreachable: no answer either
    }
    return undefined;
  }

  /** Asks again until the answer is `expected`: it may be no longer than a second till then. */
  async hears(to: Target, expected: RegExp): Promise<void> {
    let answer: string | undefined;
    for (const end = Date.now() + PATIENCE; Date.now() < end;) {
      answer = await this.ask(to, 1000);
      if (answer !== undefined) break;
    }
    assert.match(answer ?? "silence", expected, `${this.name} asks ${to.ip} port ${to.port}`);
  }

  [Symbol.dispose](): void {
    this.#open.dispose();
  }
}

/** Neither answers nor questions arrive. Several at once, because each has to wait. */
export async function hearNothing(servers: readonly Place[], questions: readonly (readonly [Place, Target])[]) {
  const before = servers.map(({ heard }) => heard.length);
  const answers = await Promise.all(questions.map(([place, to]) => place.ask(to, SILENCE)));
  answers.forEach((answer, i) => {
    const [place, to] = questions[i] ?? [];
    assert.equal(answer, undefined, `${place?.name} asks ${to?.ip} port ${to?.port}`);
  });
  assert.deepEqual(
    servers.flatMap(({ heard }, i) => heard.slice(before[i])),
    [],
    "a question arrived, if no answer",
  );
}

function receive(udp: Fd, reply: (data: Uint8Array, from: string) => Uint8Array<ArrayBuffer> | undefined): void {
  const data = new Uint8Array(2048);
  for (let next = tryReceive(udp, data); next !== undefined; next = tryReceive(udp, data)) {
    const answer = next.from && reply(data.slice(0, next.size), next.from.ip);
    if (next.from !== undefined && answer !== undefined) trySend(udp, answer, next.from);
  }
}

/** An address of IPv6 is not asked about first. */
function quick(address: string): string[] {
  return address.includes(":") ? ["nodad"] : [];
}
