/**
 * The name server of one container, at 127.0.0.11 in its network namespace: where Docker has it, so images that know this
 * address work. The engine holds the sockets; nothing runs inside, and port 53 of the host is never touched.
 */
import type { Fd } from "../../sys/fd.ts";
import { withinNamespace } from "../../sys/namespace.ts";
import { beginConnect, bind, inetSocket, listen, ownAddress, setOption, SO } from "../../sys/socket.ts";
import { DatagramService } from "./datagram_service.ts";
import { Resolver, type ResolverOptions } from "./resolver.ts";
import { StreamService } from "./stream_service.ts";
import { DNS_PORT } from "./upstream.ts";

export const DNS_ADDRESS = "127.0.0.11";

export interface DnsServerOptions extends ResolverOptions {
  /** 53, if it is not given; with 0 the kernel chooses a free one for each protocol. */
  readonly port?: number;
}

export class DnsServer implements Disposable {
  readonly ports: { readonly udp: number; readonly tcp: number };
  readonly #parts: DisposableStack;

  private constructor(ports: DnsServer["ports"], parts: DisposableStack) {
    this.ports = ports;
    this.#parts = parts;
  }

  /**
   * Begins to answer inside of `namespace`, whose loopback interface is up. The namespace, and with it the container's
   * interfaces, cannot go before the server is disposed of.
   * @throws {SyscallError} ENETUNREACH when the loopback interface is down, EADDRINUSE when a name server of the
   * container's own has the port
   */
  static listen(namespace: Fd, options: DnsServerOptions): DnsServer {
    using stack = new DisposableStack();
    const { port = DNS_PORT, poller } = options;
    const { datagrams, connections } = withinNamespace("net", namespace, () => openSockets(port));
    stack.use(datagrams);
    stack.use(connections);
    const ports = { udp: ownAddress(datagrams).port, tcp: ownAddress(connections).port };
    const resolver = stack.use(new Resolver(options));
    stack.use(new DatagramService(datagrams, poller, resolver));
    stack.use(new StreamService(connections, { poller, resolver }));
    return new DnsServer(ports, stack.move());
  }

  [Symbol.dispose](): void {
    this.#parts[Symbol.dispose]();
  }
}

function openSockets(port: number): { datagrams: Fd; connections: Fd } {
  using stack = new DisposableStack();
  const address = { ip: DNS_ADDRESS, port };
  // In a namespace without any route the kernel takes every address for one of a broadcast: bind(2) succeeds, and what is
  // sent comes from 127.0.0.1 for ever after, which no client listens to. To connect shows whether there is a route.
  using probe = inetSocket(DNS_ADDRESS, "datagram");
  beginConnect(probe, { ip: DNS_ADDRESS, port: DNS_PORT });
  const datagrams = stack.use(inetSocket(DNS_ADDRESS, "datagram"));
  const connections = stack.use(inetSocket(DNS_ADDRESS, "stream"));
  bind(datagrams, address);
  // A server of the engine before this one may have left connections behind that linger (TIME_WAIT).
  setOption(connections, SO.REUSEADDR, 1);
  bind(connections, address);
  listen(connections);
  stack.move();
  return { datagrams, connections };
}
