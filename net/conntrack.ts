import { AF } from "../sys/socket_address.ts";
import { NetlinkExchange, type RequestObserver } from "./netlink/exchange.ts";
import { decodeFlow, deleteFlow, type Flow, type FlowFilter, IPPROTO, listFlows } from "./netlink/flow.ts";

/** So many are deleted with one call: their acknowledgements must fit into the socket's buffer of 208 KiB. */
const BATCH = 64;

/**
 * Makes the kernel forget flows to a port of the host, of both IPv4 and IPv6, in this thread's network namespace. A flow
 * of UDP never ends, it only times out: until then its packets go where the first one went, past rules that have come, to
 * a container that has gone. So they are forgotten when a port is published, and when a container ends.
 *
 * @param observe is called with each request before it is sent
 * @returns how many there were
 */
export function forgetFlows(
  { protocol, hostPort }: { readonly protocol: FlowFilter["protocol"]; readonly hostPort: number },
  observe?: RequestObserver,
): number {
  using exchange = NetlinkExchange.open("NETFILTER", observe);
  let forgotten = 0;
  for (const family of [AF.INET, AF.INET6]) {
    const filter = { family, protocol, targetPort: hostPort };
    const flows = exchange.list(listFlows(filter), decodeFlow).filter((flow) => fits(flow, filter));
    for (let at = 0; at < flows.length; at += BATCH) {
      // ENOENT: it has timed out meanwhile.
      exchange.do(flows.slice(at, at + BATCH).map(deleteFlow), () => undefined, "ENOENT");
    }
    forgotten += flows.length;
  }
  return forgotten;
}

/** Looked at once more: a kernel that does not know the filter lists everything. */
function fits({ original }: Flow, { protocol, targetPort }: FlowFilter): boolean {
  return original.protocol === IPPROTO[protocol] && original.targetPort === targetPort;
}
