/** A container's name server, a client beside it and servers of the outside, all on sockets that the test made. */
import assert from "node:assert/strict";
import packet from "dns-packet";
import type { Bytes } from "../../base/container_engine.ts";
import { framed, MessageReader } from "../../net/dns/message_reader.ts";
import { DnsServer, type DnsServerOptions } from "../../net/dns/server.ts";
import { Reactor } from "../../runtime/reactor.ts";
import type { Fd } from "../../sys/fd.ts";
import { newNamespace, withinNamespace } from "../../sys/namespace.ts";
import { bind, inetSocket, ownAddress, tryReceive, trySend } from "../../sys/socket.ts";
import type { SocketAddress } from "../../sys/socket_address.ts";
import { type Output, output, run } from "../support/command.ts";

/** What dns-packet reads. */
export interface Message {
  readonly id: number;
  readonly rcode: string;
  readonly questions: readonly { readonly name: string; readonly type: string }[];
  readonly answers: readonly { readonly name: string; readonly type: string; readonly data: string }[];
  readonly additionals: readonly { readonly type: string; readonly udpPayloadSize: number }[];
}

export const encode = (message: object): Bytes => Uint8Array.from(packet.encode(message));
export const decode = (bytes: Bytes): Message => packet.decode(Buffer.from(bytes));
export const query = (id: number, name: string): Bytes =>
  encode({ type: "query", id, flags: 0x100, questions: [{ type: "A", name }] });

/** A UDP socket that says what comes to it. */
export class Datagrams implements Disposable {
  readonly address: SocketAddress;
  readonly #socket: Fd;
  readonly #watch: Disposable;

  constructor(reactor: Reactor, heard: (bytes: Bytes, from: SocketAddress) => void, ip = "127.0.0.1") {
    this.#socket = inetSocket(ip, "datagram");
    bind(this.#socket, { ip, port: 0 });
    this.address = ownAddress(this.#socket);
    const inbox = new Uint8Array(65_535);
    this.#watch = reactor.watch(this.#socket, {
      read: () => {
        const received = tryReceive(this.#socket, inbox);
        if (received?.from !== undefined) heard(inbox.slice(0, received.size), received.from);
      },
    });
  }

  send(bytes: Bytes, to: SocketAddress): boolean {
    return trySend(this.#socket, bytes, to);
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
    this.#socket.close();
  }
}

/** What a server of the outside was asked: from where and with which id. */
export interface Asked {
  readonly transport: "udp" | "tcp";
  readonly message: Message;
  readonly port: number;
}

export type Behaviour = (asked: Asked, send: (message: object | Bytes) => void) => void;

/** A server of the outside, over UDP and TCP. */
export class Upstream implements AsyncDisposable {
  readonly asked: Asked[] = [];
  /** As it stands in a list of upstreams. */
  readonly name: string;
  #behaviour: Behaviour;
  readonly #datagrams: Datagrams;
  readonly #listener: Deno.TcpListener;
  readonly #served: Promise<void>;

  constructor(reactor: Reactor, behaviour: Behaviour) {
    this.#behaviour = behaviour;
    this.#datagrams = new Datagrams(reactor, (bytes, from) => {
      this.#hear("udp", bytes, from.port, (answer) => this.#datagrams.send(answer, from));
    });
    const { ip, port } = this.#datagrams.address;
    this.name = `${ip}#${port}`;
    this.#listener = Deno.listen({ hostname: ip, port });
    this.#served = this.#serve();
  }

  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
  }

  #hear(transport: Asked["transport"], bytes: Bytes, port: number, send: (bytes: Bytes) => void): void {
    const asked = { transport, message: decode(bytes), port };
    this.asked.push(asked);
    this.#behaviour(asked, (message) => send(message instanceof Uint8Array ? message : encode(message)));
  }

  async #serve(): Promise<void> {
    for await (const connection of this.#listener) {
      const reader = new MessageReader();
      for await (const bytes of connection.readable) {
        for (const message of reader.push(bytes)) {
          this.#hear("tcp", message, connection.remoteAddr.port, (answer) => void connection.write(framed(answer)));
        }
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#datagrams[Symbol.dispose]();
    this.#listener.close();
    await this.#served;
  }
}

/** Answers with the address 93.184.216.34. */
export const answers: Behaviour = ({ message: { id, questions } }, send) => send(answerOf(id, questions));
/** Never says anything. */
export const silent: Behaviour = () => {};

export function answerOf(id: number, questions: Message["questions"], data = "93.184.216.34"): object {
  const found = questions.map(({ name, type }) => ({ name, type, ttl: 30, data }));
  return { type: "response", id, flags: 0x180, questions, answers: found };
}

/** A container's network namespace with the loopback interface up, and what asks in there. */
export class Inside implements Disposable {
  readonly namespace: Fd = newNamespace("net");
  readonly reactor: Reactor;

  private constructor(reactor: Reactor) {
    this.reactor = reactor;
  }

  static withoutLoopback(reactor: Reactor): Inside {
    return new Inside(reactor);
  }

  static async open(reactor: Reactor): Promise<Inside> {
    const inside = new Inside(reactor);
    await inside.run(["ip", "link", "set", "lo", "up"]);
    return inside;
  }

  #entered(command: readonly string[]): string[] {
    return ["nsenter", `--net=/proc/${Deno.pid}/fd/${this.namespace.number}`, ...command];
  }

  run(command: readonly string[], stdin?: Bytes): Promise<string> {
    return run(this.#entered(command), { timeout: 30_000, ...stdin !== undefined && { stdin } });
  }

  output(command: readonly string[]): Promise<Output> {
    return output(this.#entered(command), { timeout: 30_000 });
  }

  /** All that dig prints about one question, in one try of at most five seconds. */
  async dig(...question: string[]): Promise<string> {
    return (await this.output(["dig", "@127.0.0.11", "+tries=1", "+time=5", ...question])).stdout;
  }

  /** What dig finds, a line for each record. */
  async short(...question: string[]): Promise<string[]> {
    return (await this.dig("+short", ...question)).split("\n").filter((line) => line !== "").sort();
  }

  async status(...question: string[]): Promise<string | undefined> {
    return /status: (\w+)/.exec(await this.dig(...question))?.[1];
  }

  datagrams(heard: (bytes: Bytes) => void): Datagrams {
    return withinNamespace("net", this.namespace, () => new Datagrams(this.reactor, heard));
  }

  [Symbol.dispose](): void {
    this.namespace.close();
  }
}

export const DNS: SocketAddress = { ip: "127.0.0.11", port: 53 };

/** What a container sees in most of these tests. */
export const NAMES: Readonly<Record<string, readonly string[]>> = {
  web: ["172.18.0.2"],
  "web.my-net": ["172.18.0.2"],
  both: ["172.18.0.3", "fd00::3"],
  many: Array.from({ length: 60 }, (_, i) => `172.18.1.${i + 1}`),
};

export interface Part {
  readonly inside: Inside;
  readonly reactor: Reactor;
  readonly server: DnsServer;
  readonly logged: string[];
}

/** Runs `test` with a name server in a namespace, and looks afterwards whether a descriptor is left. */
export async function withDns(
  options: Omit<Partial<DnsServerOptions>, "upstreams"> & {
    /** Servers of the outside, or the names of such as are not there. */
    upstreams: (reactor: Reactor) => (Upstream | string)[] | undefined;
  },
  test: (part: Part, upstreams: Upstream[]) => Promise<void>,
): Promise<void> {
  const before = descriptors();
  {
    await using reactor = new Reactor({ onError: (error) => assert.fail(`in a callback: ${error}`) });
    using inside = await Inside.open(reactor);
    await using stack = new AsyncDisposableStack();
    const upstreams = options.upstreams(reactor);
    const present = (upstreams ?? []).filter((upstream) => upstream instanceof Upstream);
    for (const upstream of present) stack.use(upstream);
    const logged: string[] = [];
    const reverse: Record<string, string> = { "172.18.0.2": "web.my-net", "fd00::3": "both.my-net" };
    using server = DnsServer.listen(inside.namespace, {
      view: { lookup: (name) => NAMES[name], reverse: (ip) => reverse[ip] },
      poller: reactor,
      log: (message) => logged.push(message),
      ...options,
      upstreams: () => upstreams?.map((upstream) => upstream instanceof Upstream ? upstream.name : upstream),
    });
    await test({ inside, reactor, server, logged }, present);
  }
  await until("all descriptors are closed", () => descriptors().length <= before.length);
}

/** The name of a server whose port nobody listens on any more. */
export function gone(reactor: Reactor): string {
  using socket = new Datagrams(reactor, () => {});
  return `${socket.address.ip}#${socket.address.port}`;
}

function descriptors(): string[] {
  return Array.from(Deno.readDirSync("/proc/self/fd"), ({ name }) => name);
}

export async function until(what: string, met: () => boolean): Promise<void> {
  for (const end = performance.now() + 10_000; !met();) {
    if (performance.now() > end) assert.fail(`not within 10 seconds: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
