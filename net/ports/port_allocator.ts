/**
 * The host's ports, given to containers.
 *
 * A *wish* names a port, a range, or none; a *lease* is what came of all the wishes of one container: all of them or
 * nothing. A port of a lease is held twice: in a table, against our other containers, and by a bound socket, against
 * every other process of the host. The engine's death lets the sockets go while the containers run on; `adopt()` takes
 * them back.
 */
import { conflict, describeError, errorClass, unavailable } from "../../base/errors.ts";
import type { Fd } from "../../sys/fd.ts";
import { errnoText } from "../../sys/errno.ts";
import { isErrno, SyscallError } from "../../sys/syscall_error.ts";
import { hasIpv6, holdPort } from "./hold_port.ts";
import { type HeldPort, PortLease } from "./port_lease.ts";
import { PortTable } from "./port_table.ts";
import { type ParsedWish, parseWish, type PortRange, type PortWish } from "./port_wish.ts";
import { hostAddress, type PublishedPort } from "./published_port.ts";

export interface PortAllocatorOptions {
  /** The first and the last port to choose from when a wish names none. */
  readonly range?: readonly [first: number, last: number];
  /** Holds a port against other processes; a test has its own. */
  readonly hold?: (port: PublishedPort) => Fd | undefined;
  /** Whether a wish for every address means IPv6, too; what the host can, unless told. */
  readonly ipv6?: () => boolean;
}

export class PortAllocator {
  readonly #range: PortRange;
  readonly #hold: (port: PublishedPort) => Fd | undefined;
  readonly #ipv6: () => boolean;
  readonly #table = new PortTable();
  /** Protocol and range to the port given last: what has just been somebody's is not given at once to somebody else. */
  readonly #last = new Map<string, number>();

  constructor({ range: [first, last] = [49000, 49900], hold = holdPort, ipv6 = hasIpv6 }: PortAllocatorOptions = {}) {
    this.#range = { first, last };
    this.#hold = hold;
    this.#ipv6 = ipv6;
  }

  /**
   * Holds a port for each wish, in the network namespace of the calling thread.
   * @throws `invalid` for a wish that makes no sense, `conflict` for a port that somebody has, `unavailable`
   */
  allocate(wishes: readonly PortWish[]): PortLease {
    const ipv6 = wishes.some(({ hostIp }) => hostIp === "") && this.#ipv6();
    const parsed = wishes.map((wish) => parseWish(wish, this.#range, ipv6));
    using undo = new DisposableStack();
    const found = new Map<ParsedWish, HeldPort[]>();
    for (const wish of parsed.toSorted((one, other) => one.choice - other.choice)) {
      found.set(wish, this.#fulfil(wish).map((held) => undo.use(held)));
    }
    undo.move(); // from here on the lease lets them go
    return new PortLease(parsed.flatMap((wish) => found.get(wish) ?? []));
  }

  /**
   * Holds again what a running container has. One that cannot be held any more is its all the same, for the rules of
   * the firewall are there; `onLost` is told of it.
   */
  adopt(ports: readonly PublishedPort[], onLost: (port: PublishedPort, why: string) => void): PortLease {
    return new PortLease(ports.map((port) => {
      try {
        return this.#take(port);
      } catch (error) {
        onLost(port, describeError(error));
        return this.#record(port, undefined);
      }
    }));
  }

  /** How many port numbers are ours now. */
  get size(): number {
    return this.#table.size;
  }

  #fulfil(wish: ParsedWish): HeldPort[] {
    const { protocol, range: { first, last }, hostIps } = wish;
    if (first === last) return this.#takeAll(wish, first);
    const key = `${protocol}/${first}-${last}`;
    const count = last - first + 1;
    const start = (this.#last.get(key) ?? last) + 1 - first;
    for (let step = 0; step < count; step++) {
      const hostPort = first + (start + step) % count;
      const held = this.#tryAll(wish, hostPort);
      if (held === undefined) continue;
      this.#last.set(key, hostPort);
      return held;
    }
    throw conflict(`all ports are allocated: ${hostIps[0]}:${first}-${last}/${protocol}`);
  }

  /** The same port of each family; undefined if somebody has one of them. */
  #tryAll(wish: ParsedWish, hostPort: number): HeldPort[] | undefined {
    try {
      return this.#takeAll(wish, hostPort);
    } catch (error) {
      if (errorClass(error) === "conflict") return undefined;
      throw error;
    }
  }

  #takeAll({ protocol, containerPort, hostIps }: ParsedWish, hostPort: number): HeldPort[] {
    using undo = new DisposableStack();
    const held = hostIps.map((hostIp) => undo.use(this.#take({ protocol, containerPort, hostIp, hostPort })));
    undo.move();
    return held;
  }

  #take(port: PublishedPort): HeldPort {
    if (this.#table.isTaken(port)) throw conflict(`Bind for ${hostAddress(port)} failed: port is already allocated`);
    try {
      return this.#record(port, this.#hold(port));
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      const sentence = `failed to bind host port ${hostAddress(port)}/${port.protocol}: ${errnoText(error.errno)}`;
      throw (isErrno(error, "EADDRINUSE") ? conflict : unavailable)(sentence);
    }
  }

  #record(port: PublishedPort, socket: Fd | undefined): HeldPort {
    const table = this.#table;
    table.add(port);
    return {
      port,
      socket,
      [Symbol.dispose]: () => {
        table.remove(port);
        socket?.close();
      },
    };
  }
}
