import { TcpProxy } from "../../net/proxy/tcp_proxy.ts";
import { UdpProxy } from "../../net/proxy/udp_proxy.ts";
import type { PortLease } from "../../net/ports/port_lease.ts";
import type { PublishedPort } from "../../net/ports/published_port.ts";
import type { Parts } from "../parts.ts";

interface ProxyTarget {
  /** Of the container, for what comes by this port. */
  readonly ipFor: (port: PublishedPort) => string;
  /** Whether the target is told the client's address (PROXY protocol, TCP only). */
  readonly proxyProtocol: boolean;
}

/** Carries published ports to a container's address in this process, by the sockets that hold them. */
export function serveByProxy(
  { reactor: poller, log }: Parts,
  lease: PortLease,
  ports: readonly PublishedPort[],
  { ipFor, proxyProtocol }: ProxyTarget,
): Disposable {
  using undo = new DisposableStack();
  for (const port of ports) {
    const listener = lease.socketOf(port);
    if (listener === undefined) continue;
    const options = { listener, target: { ip: ipFor(port), port: port.containerPort }, poller, log };
    if (port.protocol === "tcp") undo.use(TcpProxy.open({ ...options, proxyProtocol }));
    else if (port.protocol === "udp") undo.use(UdpProxy.open(options));
  }
  return undo.move();
}
