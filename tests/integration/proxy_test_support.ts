/** A namespace with nothing but `lo`, in which proxy, clients and targets live together. */
import assert from "node:assert/strict";
import type { Poller, PollWatch } from "../../net/poller.ts";
import { TcpProxy, type TcpProxyOptions } from "../../net/proxy/tcp_proxy.ts";
import { Reactor } from "../../runtime/reactor.ts";
import type { Fd } from "../../sys/fd.ts";
import { newNamespace, withinNamespace } from "../../sys/namespace.ts";
import { tryRead, tryWrite } from "../../sys/nonblocking.ts";
import { beginConnect, bind, closeSending, inetSocket, ownAddress, takeError, tryAccept } from "../../sys/socket.ts";
import type { SocketAddress } from "../../sys/socket_address.ts";
import { SyscallError } from "../../sys/syscall_error.ts";
import { reset } from "../../sys/try_splice.ts";
import { run } from "../support/command.ts";
import { requires } from "../support/requires.ts";

export const needs = { root: true, command: ["ip", "nsenter"] } as const;

/** Longest that anything here may take. */
const PATIENCE = 20_000;

export class ProxyWorld implements AsyncDisposable {
  /** Nothing here reaches out of the namespace, so descriptors are all that can be left. */
  readonly #before = descriptors();
  readonly reactor: Reactor = new Reactor({ onError: (error) => this.problems.push(String(error)) });
  readonly problems: string[] = [];
  readonly log = (message: string): void => void this.problems.push(message);
  readonly #namespace = newNamespace("net");
  readonly #open = new DisposableStack();

  static async open(): Promise<ProxyWorld> {
    await run(["true"]); // Deno keeps descriptors from its first child on
    const world = new ProxyWorld();
    await world.run("ip", "link", "set", "lo", "up");
    return world;
  }

  /** What the proxy does, it does in here, as the engine does in the host's namespace. */
  readonly poller: Poller = {
    watch: (fd, interests): PollWatch => {
      const inside = Object.entries(interests).map(([name, call]) => [name, () => this.inside(call)]);
      return this.reactor.watch(fd, Object.fromEntries(inside));
    },
    flows: () => this.reactor.flows(),
  };

  inside<T>(work: () => T): T {
    return withinNamespace("net", this.#namespace, work);
  }

  command(...command: string[]): string[] {
    return ["nsenter", `--net=/proc/${Deno.pid}/fd/${this.#namespace.number}`, ...command];
  }

  run(...command: string[]): Promise<string> {
    return run(this.command(...command), { timeout: PATIENCE });
  }

  /** Waits until somebody listens there. */
  async listening(port: number): Promise<void> {
    const hex = port.toString(16).toUpperCase().padStart(4, "0");
    const listens = new RegExp(`:${hex} 0+:0000 0A `); // in state LISTEN (proc_net_tcp.rst)
    for (const end = Date.now() + PATIENCE;; await pause(20)) {
      if (listens.test(await this.run("sh", "-c", "cat /proc/net/tcp*"))) return;
      assert.ok(Date.now() < end, `nobody listens on port ${port}`);
    }
  }

  use<T extends Disposable>(resource: T): T {
    return this.#open.use(resource);
  }

  /** A bound socket, and where. */
  bound(ip: string, type: "stream" | "datagram", port = 0): { socket: Fd; address: SocketAddress } {
    const socket = this.use(this.inside(() => inetSocket(ip, type)));
    bind(socket, { ip, port });
    return { socket, address: { ip, port: ownAddress(socket).port } };
  }

  listen(hostname: string, port = 0): Deno.TcpListener {
    return this.use(this.inside(() => Deno.listen({ hostname, port })));
  }

  async connect(address: SocketAddress, from?: string): Promise<Peer> {
    const socket = this.inside(() => {
      const socket = inetSocket(address.ip, "stream");
      if (from !== undefined) bind(socket, { ip: from, port: 0 });
      beginConnect(socket, address);
      return socket;
    });
    const peer = this.use(new Peer(socket, this.reactor));
    await peer.connected();
    return peer;
  }

  /** Takes a connection like a target that can break it off, which Deno's cannot. */
  async accept(listener: Fd): Promise<Peer> {
    let accepted: Fd | undefined;
    await until("somebody connects", () => (accepted = tryAccept(listener)?.socket) !== undefined);
    assert.ok(accepted !== undefined);
    return this.use(new Peer(accepted, this.reactor));
  }

  /** A client of UDP, which hears only those that it speaks to. */
  speakTo(address: SocketAddress): Peer {
    const socket = this.inside(() => {
      const socket = inetSocket(address.ip, "datagram");
      beginConnect(socket, address);
      return socket;
    });
    return this.use(new Peer(socket, this.reactor));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open.dispose();
    this.#namespace.close();
    await this.reactor[Symbol.asyncDispose]();
    assert.deepEqual(this.problems, []);
    assert.equal(descriptors(), this.#before, "descriptors are left open");
  }
}

/** One end of a connection, or of a conversation by datagrams. */
export class Peer implements Disposable {
  readonly socket: Fd;
  readonly #reactor: Reactor;

  constructor(socket: Fd, reactor: Reactor) {
    this.socket = socket;
    this.#reactor = reactor;
  }

  async connected(): Promise<void> {
    await this.#ready("write");
    const error = takeError(this.socket);
    if (error !== 0) throw new SyscallError("connect", error);
  }

  /** Undefined at the end. */
  async read(size = 1 << 20): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const buffer = new Uint8Array(size);
    for (;;) {
      const length = tryRead(this.socket, buffer);
      if (length !== undefined) return length === 0 ? undefined : buffer.subarray(0, length);
      await this.#ready("read");
    }
  }

  /** Whether there is nothing to read now. */
  silent(): boolean {
    return tryRead(this.socket, new Uint8Array(1)) === undefined;
  }

  async readText(): Promise<string> {
    return new TextDecoder().decode(await this.read());
  }

  async write(data: Uint8Array<ArrayBuffer> | string): Promise<void> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    let done = 0;
    do {
      const written = tryWrite(this.socket, bytes.subarray(done));
      if (written === undefined) await this.#ready("write");
      else done += written;
    } while (done < bytes.length); // an empty datagram is sent, too
  }

  /** Writes for as long as there is room, and `patience` milliseconds more; returns how much. */
  async writeWhileRoom(data: Uint8Array<ArrayBuffer>, patience = 300): Promise<number> {
    let done = 0;
    for (let last = Date.now(); Date.now() - last < patience && done < data.length;) {
      const written = tryWrite(this.socket, data.subarray(done));
      if (written === undefined) await pause(10);
      else {
        done += written;
        last = Date.now();
      }
    }
    return done;
  }

  closeSending(): void {
    closeSending(this.socket);
  }

  reset(): void {
    reset(this.socket);
  }

  async #ready(what: "read" | "write"): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(`nothing to ${what} within ${PATIENCE} ms`)), PATIENCE);
    using _watch = this.#reactor.watch(this.socket, { [what]: resolve });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  [Symbol.dispose](): void {
    this.socket.close();
  }
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

export async function until(what: string, condition: () => boolean): Promise<void> {
  for (const end = Date.now() + PATIENCE; !condition();) {
    assert.ok(Date.now() < end, `not within ${PATIENCE} ms: ${what}`);
    await pause(5);
  }
}

/** How many descriptors this process has open. */
export function descriptors(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

/** A proxy in front of `target`, and its own address. */
export function publishTcp(
  world: ProxyWorld,
  target: SocketAddress,
  options: Partial<TcpProxyOptions> & { ip?: string } = {},
): { proxy: TcpProxy; address: SocketAddress } {
  const { socket, address } = world.bound(options.ip ?? "127.0.0.1", "stream");
  const { poller, log } = world;
  const proxy = world.use(world.inside(() => TcpProxy.open({ listener: socket, target, poller, log, ...options })));
  return { proxy, address };
}

export function addressOf(listener: Deno.TcpListener): SocketAddress {
  return { ip: listener.addr.hostname, port: listener.addr.port };
}

/** What a test has whose server is published. */
export interface Published {
  readonly world: ProxyWorld;
  readonly server: Deno.TcpListener;
  readonly proxy: TcpProxy;
  /** Where the proxy listens. */
  readonly address: SocketAddress;
}

/** A test in a world of its own, in which a server at 127.0.0.2 is published. */
export function publishedTest(name: string, fn: (published: Published) => Promise<void>): void {
  Deno.test({
    name,
    ...requires(needs),
    fn: async () => {
      await using world = await ProxyWorld.open();
      const server = world.listen("127.0.0.2");
      await fn({ world, server, ...publishTcp(world, addressOf(server)) });
    },
  });
}

export async function readAll(from: Peer): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for (let part = await from.read(); part !== undefined; part = await from.read()) parts.push(part);
  return parts;
}

export async function readAllOf(from: Deno.Conn): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const buffer = new Uint8Array(1 << 18);
    const length = await from.read(buffer);
    if (length === null) return parts;
    parts.push(buffer.subarray(0, length));
  }
}

export function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}
