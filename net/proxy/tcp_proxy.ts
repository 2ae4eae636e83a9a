/**
 * A published port of TCP without the help of the firewall: the engine itself listens, and connects to the container for
 * everybody who connects to it. One thread serves all ports; an idle connection costs two descriptors.
 */
import { addressText } from "../../base/address_text.ts";
import { describeError } from "../../base/errors.ts";
import type { Fd } from "../../sys/fd.ts";
import { beginConnect, inetSocket, listen, ownAddress, setOption, SO, tryAccept, useReno } from "../../sys/socket.ts";
import type { SocketAddress } from "../../sys/socket_address.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import { reset, stopListening } from "../../sys/try_splice.ts";
import type { Poller, PollWatch } from "../poller.ts";
import { PipePool } from "./pipe_pool.ts";
import { proxyHeader } from "./proxy_protocol.ts";
import { Relay } from "./relay.ts";

export interface TcpProxyOptions {
  /** Bound, not listening; it stays the caller's, who closes it after the proxy. */
  readonly listener: Fd;
  /** Where the container listens. */
  readonly target: SocketAddress;
  readonly poller: Poller;
  /** Whether the target is told the client's address by the PROXY protocol, version 2. */
  readonly proxyProtocol?: boolean;
  readonly log: (message: string) => void;
  /** Connections at the same time; further ones wait in the listener's queue. */
  readonly limit?: number;
  /** Pipes that several proxies share. */
  readonly pipes?: PipePool;
}

/** After a minute of silence the client is asked for a sign of life, four times, 15 s apart (tcp(7)). */
const SIGNS_OF_LIFE = [
  [SO.KEEPALIVE, 1],
  [SO.TCP_KEEPIDLE, 60],
  [SO.TCP_KEEPINTVL, 15],
  [SO.TCP_KEEPCNT, 4],
] as const;
const LIMIT = 16_384;
/** Connections taken in one turn, so that those that are there get theirs. */
const TURN = 64;
/** Free pipes that a proxy keeps when it shares none: an idle port should not cost much. */
const OWN_PIPES = 2;
/** Milliseconds to wait when no connection can be taken: none that waits is lost meanwhile. */
const BREATH = 250;
/** Milliseconds between two complaints, which may have the same reason a thousand times a second. */
const PATIENCE = 10_000;

export class TcpProxy implements Disposable {
  readonly #options: TcpProxyOptions;
  readonly #pipes: PipePool;
  readonly #relays = new Set<Relay>();
  readonly #watch: PollWatch;
  #breath: ReturnType<typeof setTimeout> | undefined;
  #complainedAt = -Infinity;
  #disposed = false;

  private constructor(options: TcpProxyOptions) {
    this.#options = options;
    this.#pipes = options.pipes ?? new PipePool(OWN_PIPES);
    this.#watch = options.poller.watch(options.listener, { read: () => this.#accept() });
  }

  /** Begins to listen. @throws {SyscallError} EADDRINUSE */
  static open(options: TcpProxyOptions): TcpProxy {
    const { listener } = options;
    // Accepted connections inherit all of it. The sender has cut his data as he wants them, so nothing is held back.
    setOption(listener, SO.TCP_NODELAY, 1);
    for (const [option, value] of SIGNS_OF_LIFE) setOption(listener, option, value);
    listen(listener);
    return new TcpProxy(options);
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#relays.size;
  }

  #accept(): void {
    const { listener, limit = LIMIT } = this.#options;
    for (let taken = 0; taken < TURN; taken++) {
      if (this.#relays.size >= limit) return this.#watch.pause(); // the end of a connection resumes
      try {
        const accepted = tryAccept(listener);
        if (accepted === undefined) return;
        this.#connect(accepted.socket, accepted.from);
      } catch (error) {
        return this.#rest(error);
      }
    }
  }

  /** Without descriptors or memory the listener stays ready for ever; trying in every turn would take all the time. */
  #rest(error: unknown): void {
    this.#complain("takes no connections for now", error);
    this.#watch.pause();
    this.#breath = setTimeout(() => {
      this.#breath = undefined;
      this.#watch.resume();
    }, BREATH);
  }

  #complain(what: string, error: unknown): void {
    const { target, log } = this.#options;
    if (performance.now() - this.#complainedAt < PATIENCE) return;
    this.#complainedAt = performance.now();
    log(`the proxy for ${addressText(target)} ${what}: ${describeError(error)}`);
  }

  #connect(client: Fd, from: SocketAddress): void {
    const { target, poller, proxyProtocol } = this.#options;
    let socket: Fd | undefined;
    try {
      socket = inetSocket(target.ip, "stream");
      setOption(socket, SO.TCP_NODELAY, 1);
      useReno(socket);
      const own = ownAddress(client);
      if (own.ip === from.ip) useReno(client); // who is on this host speaks from the address that he speaks to
      beginConnect(socket, target);
      const relay = new Relay({
        client,
        target: socket,
        ...proxyProtocol && { header: proxyHeader(from, own) },
        poller,
        pipes: this.#pipes,
        onEnd: (relay, error) => this.#ended(relay, error),
      });
      this.#relays.add(relay);
      relay.begin();
    } catch (error) {
      socket?.close();
      reset(client);
      if (!isErrno(error, ...OF_THE_NET)) throw error;
    }
  }

  #ended(relay: Relay, error: unknown): void {
    const { limit = LIMIT } = this.#options;
    this.#relays.delete(relay);
    if (this.#relays.size === limit - 1 && this.#breath === undefined) this.#watch.resume();
    if (error !== undefined && !isErrno(error, ...OF_THE_NET)) this.#complain("has lost a connection", error);
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    clearTimeout(this.#breath);
    this.#watch[Symbol.dispose]();
    for (const relay of this.#relays) relay[Symbol.dispose]();
    stopListening(this.#options.listener);
    if (this.#options.pipes === undefined) this.#pipes[Symbol.dispose]();
  }
}

/** How connections end that nobody can mend here: they go to the client as a reset, and to no log. */
const OF_THE_NET = [
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTCONN",
  "EADDRNOTAVAIL",
] as const;
