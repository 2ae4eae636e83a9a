/**
 * A published port of UDP without the help of the firewall. Each client has a *flow*: a socket of its own towards the
 * container, so that answers find their way back; it ends after a while of silence. Answers leave from the address that
 * the client has sent to. What cannot be passed on is lost, as datagrams are.
 */
import { addressText } from "../../base/address_text.ts";
import { describeError } from "../../base/errors.ts";
import type { Fd } from "../../sys/fd.ts";
import { tryRead, tryWrite } from "../../sys/nonblocking.ts";
import { beginConnect, inetSocket, ownAddress } from "../../sys/socket.ts";
import type { SocketAddress } from "../../sys/socket_address.ts";
import { isErrno, SyscallError } from "../../sys/syscall_error.ts";
import { type Correspondent, DatagramPort, type ReceivedDatagram } from "../../sys/datagram_port.ts";
import type { Poller, PollWatch } from "../poller.ts";
import { type Flow, FlowTable } from "./flow_table.ts";

export interface UdpProxyOptions {
  /** Bound; it stays the caller's, who closes it after the proxy. */
  readonly listener: Fd;
  /** Where the container listens. */
  readonly target: SocketAddress;
  readonly poller: Poller;
  readonly log: (message: string) => void;
  /** Milliseconds of silence after which a flow ends; Docker's 90 s unless told. */
  readonly timeout?: number;
  /** Flows at the same time. */
  readonly limit?: number;
}

interface UdpFlow extends Flow {
  readonly client: Correspondent;
  readonly socket: Fd;
  readonly watch: PollWatch;
}

const TIMEOUT = 90_000;
const LIMIT = 4096;
/** Datagrams of one socket in one turn. */
const TURN = 64;
/** The largest datagram there is; one buffer for all, as each use is one synchronous block. */
const answer = new Uint8Array(1 << 16);

export class UdpProxy implements Disposable {
  readonly #options: UdpProxyOptions;
  readonly #timeout: number;
  readonly #port: DatagramPort;
  readonly #flows: FlowTable<UdpFlow>;
  readonly #watch: PollWatch;
  #sweep: ReturnType<typeof setTimeout> | undefined;
  #complained = false;

  private constructor(options: UdpProxyOptions) {
    const { listener, poller, timeout = TIMEOUT, limit = LIMIT } = this.#options = options;
    this.#timeout = timeout;
    this.#flows = new FlowTable(limit);
    this.#port = new DatagramPort(listener, ownAddress(listener).ip.includes(":") ? 6 : 4);
    this.#watch = poller.watch(listener, { read: () => this.#receive() });
  }

  static open(options: UdpProxyOptions): UdpProxy {
    return new UdpProxy(options);
  }

  /** Clients that are being served. */
  get flows(): number {
    return this.#flows.size;
  }

  #receive(): void {
    for (let count = 0; count < TURN; count++) {
      const datagram = lossy(() => this.#port.tryReceive());
      if (datagram === undefined) return;
      if (datagram !== "lost") this.#forward(datagram);
    }
  }

  #forward(datagram: ReceivedDatagram): void {
    const flow = this.#flows.get(datagram.key) ?? this.#begin(datagram);
    if (flow === undefined) return;
    this.#flows.use(flow, Date.now(), false);
    const send = () => tryWrite(flow.socket, datagram.data);
    // A refusal belongs to the datagram before; it is told instead of sending this one (udp(7)).
    if (lossy(send) === "lost") lossy(send);
  }

  #begin({ key, correspondent }: ReceivedDatagram): UdpFlow | undefined {
    const { target, poller, log } = this.#options;
    using stack = new DisposableStack();
    try {
      const socket = stack.use(inetSocket(target.ip, "datagram"));
      beginConnect(socket, target);
      const watch = stack.use(poller.watch(socket, { read: () => this.#answer(flow) }));
      const flow = { key, client: correspondent(), socket, watch, lastUsed: 0, answered: false };
      const victim = this.#flows.add(flow);
      if (victim !== undefined) end(victim);
      this.#sweep ??= setTimeout(() => this.#endSilent(), this.#timeout / SWEEPS);
      stack.move();
      this.#complained = false;
      return flow;
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      if (!this.#complained) log(`the proxy for ${addressText(target)} drops datagrams: ${describeError(error)}`);
      this.#complained = true;
      return undefined;
    }
  }

  #answer(flow: UdpFlow): void {
    for (let count = 0; count < TURN; count++) {
      const size = lossy(() => tryRead(flow.socket, answer));
      if (size === undefined) return;
      if (size === "lost") continue; // the container refuses: nobody listens there, for now
      this.#flows.use(flow, Date.now(), true);
      lossy(() => this.#port.tryAnswer(flow.client, answer.subarray(0, size)));
    }
  }

  #endSilent(): void {
    for (const flow of this.#flows.takeSilentSince(Date.now() - this.#timeout)) end(flow);
    const again = this.#flows.size > 0;
    this.#sweep = again ? setTimeout(() => this.#endSilent(), this.#timeout / SWEEPS) : undefined;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#sweep);
    this.#watch[Symbol.dispose]();
    for (const flow of this.#flows.takeSilentSince(Infinity)) end(flow);
  }
}

/** How often silent flows are looked for within the time-out. */
const SWEEPS = 6;

function end({ watch, socket }: UdpFlow): void {
  watch[Symbol.dispose]();
  socket.close();
}

/** The network is free to lose a datagram, so its errors are such losses; a bug of ours is not. */
function lossy<T>(attempt: () => T): T | "lost" {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof SyscallError && !isErrno(error, "EBADF", "EFAULT", "ENOTSOCK")) return "lost";
    throw error;
  }
}
