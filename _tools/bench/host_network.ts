/** Network namespaces of the bench: each peer has one that stands for its host, so that all work at the same kind of place. */
import { RouteSocket } from "../../net/route_socket.ts";
import type { Fd } from "../../sys/fd.ts";
import { newNamespace, withinNamespace } from "../../sys/namespace.ts";
import { O, open } from "../../sys/open.ts";

/**
 * A new namespace in which nothing but `lo` is there, and up. What a peer makes of bridges, firewall rules and settings
 * in it is gone with the last of its processes, and nobody else has ever seen it.
 */
export function newHostNetwork(): Fd {
  const network = newNamespace("net");
  withinNamespace("net", network, () => {
    using routes = RouteSocket.open();
    const lo = routes.link("lo");
    if (lo !== undefined) routes.setUp(lo.index);
  });
  return network;
}

/** The namespace of a process on the host: of a container's. */
export function networkOf(pid: number): Fd {
  return open(`/proc/${pid}/ns/net`, O.RDONLY);
}
