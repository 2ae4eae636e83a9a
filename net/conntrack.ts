import { invalid } from "../base/errors.ts";
import { AF, familyOf } from "../sys/socket_address.ts";
import { NetlinkExchange, type RequestObserver } from "./netlink/exchange.ts";
import {
  decodeFlow,
  deleteFlow,
  type Flow,
  type FlowFilter,
  IPPROTO,
  listFlows,
  type Protocol,
} from "./netlink/flow.ts";

/** Which flows are to be forgotten; at least one of the two must be given, and all that is given must be so. */
export interface ForgottenFlows {
  readonly protocol: Protocol;
  /** What the first packet was sent to, before any translation. */
  readonly hostPort?: number;
  /** Address of whoever answers; without `hostPort` also of whoever began. */
  readonly container?: string;
}

/** So many are deleted with one call: their acknowledgements must fit into the socket's buffer of 208 KiB. */
const BATCH = 64;

/**
 * Makes the kernel forget flows, in this thread's network namespace. A flow of UDP never ends, it only times out: until
 * then its packets go where the first one went, past rules that have come, to a container that has gone. So they are
 * forgotten when a port is published, and when a container ends.
 *
 * @param observe is called with each request before it is sent
 * @returns how many there were
 */
export function forgetFlows({ protocol, hostPort, container }: ForgottenFlows, observe?: RequestObserver): number {
  if (hostPort === undefined && container === undefined) throw invalid("flows are forgotten by port or by container");
  const families = container === undefined ? [AF.INET, AF.INET6] : [familyOf(container)];
  using exchange = NetlinkExchange.open("NETFILTER", observe);
  let forgotten = 0;
  for (const filter of families.flatMap((family) => filters({ protocol, hostPort, container }, family))) {
    const flows = exchange.list(listFlows(filter), decodeFlow).filter((flow) => fits(flow, filter));
    for (let at = 0; at < flows.length; at += BATCH) {
      // ENOENT: it has timed out meanwhile.
      exchange.do(flows.slice(at, at + BATCH).map(deleteFlow), () => undefined, "ENOENT");
    }
    forgotten += flows.length;
  }
  return forgotten;
}

type Wish = { protocol: Protocol; hostPort: number | undefined; container: string | undefined };

function filters({ protocol, hostPort, container }: Wish, family: number): FlowFilter[] {
  const answered = {
    family,
    protocol,
    ...hostPort !== undefined && { targetPort: hostPort },
    ...container !== undefined && { answerer: container },
  };
  return container === undefined || hostPort !== undefined
    ? [answered]
    : [answered, { family, protocol, source: container }];
}

/** Looked at once more: a kernel that does not know the filter lists everything. */
function fits({ original, reply }: Flow, { protocol, targetPort, source, answerer }: FlowFilter): boolean {
  return original.protocol === IPPROTO[protocol] &&
    (targetPort === undefined || original.targetPort === targetPort) &&
    (source === undefined || original.source === source) &&
    (answerer === undefined || reply.source === answerer);
}
