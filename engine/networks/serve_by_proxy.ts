import { TcpProxy } from "../../net/proxy/tcp_proxy.ts";
import { UdpProxy } from "../../net/proxy/udp_proxy.ts";
import type { PortLease } from "../../net/ports/port_lease.ts";
import type { Parts } from "../parts.ts";

/** Carries published ports to a container's address in this process, by the sockets that hold them. */
export function serveByProxy({ reactor: poller, log }: Parts, lease: PortLease, ip: string): Disposable {
  using undo = new DisposableStack();
  for (const port of lease.ports) {
    const listener = lease.socketOf(port);
    if (listener === undefined || ip === "") continue;
    const options = { listener, target: { ip, port: port.containerPort }, poller, log };
    if (port.protocol === "tcp") undo.use(TcpProxy.open(options));
    else if (port.protocol === "udp") undo.use(UdpProxy.open(options));
  }
  return undo.move();
}
