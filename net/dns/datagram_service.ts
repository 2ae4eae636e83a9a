import type { Bytes } from "../../base/container_engine.ts";
import type { Fd } from "../../sys/fd.ts";
import { tryReceive, trySend } from "../../sys/socket.ts";
import type { SocketAddress } from "../../sys/socket_address.ts";
import { SyscallError } from "../../sys/syscall_error.ts";
import type { Poller, PollWatch } from "../poller.ts";
import type { Resolver } from "./resolver.ts";

/** Queries in one turn: whoever sends them faster than they are answered must not keep the engine from everything else. */
const PER_TURN = 64;
/** For all services: it is emptied before anything else can happen. No query comes near this size. */
const inbox = new Uint8Array(4096);

/** Answers what comes to a bound UDP socket. The socket stays its owner's, who closes it afterwards. */
export class DatagramService implements Disposable {
  readonly #socket: Fd;
  readonly #resolver: Resolver;
  readonly #watch: PollWatch;

  constructor(socket: Fd, poller: Poller, resolver: Resolver) {
    this.#socket = socket;
    this.#resolver = resolver;
    this.#watch = poller.watch(socket, { read: () => this.#turn() });
  }

  #turn(): void {
    for (let i = 0; i < PER_TURN; i++) {
      const received = tryReceive(this.#socket, inbox);
      if (received === undefined) return;
      const { size, from } = received;
      if (from === undefined) continue;
      this.#resolver.resolve(inbox.subarray(0, size), "udp", (response) => this.#send(response, from));
    }
  }

  #send(response: Bytes, to: SocketAddress): void {
    try {
      trySend(this.#socket, response, to); // where there is no room it is lost, as datagrams are
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      // The container can make that fail, by a firewall of its own for example (EPERM), and is the one who suffers.
    }
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }
}
