import type { Fd } from "../../sys/fd.ts";
import { prepareToListen } from "./hold_port.ts";
import type { PublishedPort } from "./published_port.ts";

/** A port and the socket that holds it; disposed of, it is free again. */
export interface HeldPort extends Disposable {
  readonly port: PublishedPort;
  /** None when only the engine's own table holds the port. */
  readonly socket: Fd | undefined;
}

/** The ports of one container, until it is disposed of. */
export class PortLease implements Disposable {
  /** In the order of the wishes, IPv4 before IPv6. */
  readonly ports: readonly PublishedPort[];
  readonly #held: readonly HeldPort[];
  readonly #release = new DisposableStack();

  constructor(held: readonly HeldPort[]) {
    this.#held = held;
    this.ports = held.map(({ port }) => port);
    for (const one of held) this.#release.use(one);
  }

  /**
   * The bound socket of a port, for a proxy to listen on, **at once**: meanwhile it can be taken over. It stays the
   * lease's, so the proxy ends before the lease does. Undefined when the port could not be held.
   */
  socketOf(port: PublishedPort): Fd | undefined {
    const socket = this.#held.find((held) => isSame(held.port, port))?.socket;
    if (socket !== undefined && port.protocol === "tcp") prepareToListen(socket);
    return socket;
  }

  [Symbol.dispose](): void {
    this.#release.dispose();
  }
}

function isSame(one: PublishedPort, other: PublishedPort): boolean {
  return one.protocol === other.protocol && one.hostIp === other.hostIp && one.hostPort === other.hostPort;
}
