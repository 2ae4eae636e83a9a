import { AF } from "../../sys/socket_address.ts";
import { type Attribute, Attributes, u32 } from "./attribute.ts";
import { bytesOf, ipOf, splitCidr } from "./ip_bytes.ts";
import { type Message, NLM_F, type Request } from "./message.ts";
import { AF_UNSPEC, RT_SCOPE, RT_TABLE, RTA, RTM, RTN, RTPROT_BOOT } from "./numbers.ts";

/** A way to other addresses. */
export interface Route {
  /** `default` or `10.0.0.0/8`. */
  readonly to: string;
  /** Address of the gateway; undefined: they are on the link itself. */
  readonly via?: string;
  /** Of the link; undefined where packets are dropped. */
  readonly index?: number;
  /** 254 is the main one. */
  readonly table: number;
  readonly family: 4 | 6;
}

/** A route that is to be made or removed. */
export interface NewRoute {
  readonly to: string;
  readonly via?: string;
  readonly index?: number;
  /** Where neither `to` nor `via` tells; 4 if it is left out. */
  readonly family?: 4 | 6;
  /** Of several to the same addresses the lowest is taken. */
  readonly metric?: number;
}

const HEADER_SIZE = 12;

/** `struct rtmsg`: family, length of the destination's prefix, source's, tos, table, protocol, scope, type, flags. */
function routeHeader(family: number, prefix: number, [table, protocol, scope, type]: readonly number[]): Uint8Array {
  const header = new Uint8Array(HEADER_SIZE);
  header.set([family, prefix, 0, 0, table ?? 0, protocol ?? 0, scope ?? 0, type ?? 0]);
  return header;
}

/** What is not about the world outside: the host's own addresses, broadcast and the like. */
const OWN: readonly number[] = [RTN.LOCAL, RTN.BROADCAST, RTN.ANYCAST, RTN.MULTICAST];

/** undefined for routes that every address brings with it: to the host itself, broadcast, multicast. */
export function decodeRoute({ payload }: Message): Route | undefined {
  const [family, prefix = 0, , , table = 0, , , type = 0] = payload;
  if ((family !== AF.INET && family !== AF.INET6) || OWN.includes(type)) return undefined;
  const attributes = new Attributes(payload.subarray(HEADER_SIZE));
  const to = attributes.bytes(RTA.DST);
  const { via, index } = firstHop(attributes);
  return {
    to: to === undefined || prefix === 0 ? "default" : `${ipOf(to)}/${prefix}`,
    ...via !== undefined && { via: ipOf(via) },
    ...index !== undefined && { index },
    table: attributes.u32(RTA.TABLE) ?? table,
    family: family === AF.INET ? 4 : 6,
  };
}

/** Of several ways that share the load (`struct rtnexthop`: length, flags, hops, index, then attributes) the first. */
function firstHop(attributes: Attributes): { via: Uint8Array | undefined; index: number | undefined } {
  const hops = attributes.bytes(RTA.MULTIPATH);
  if (hops === undefined || hops.length < 8) {
    return { via: attributes.bytes(RTA.GATEWAY), index: attributes.u32(RTA.OIF) };
  }
  const view = new DataView(hops.buffer, hops.byteOffset, hops.byteLength);
  const first = new Attributes(hops.subarray(8, Math.max(8, Math.min(view.getUint16(0, true), hops.length))));
  return { via: first.bytes(RTA.GATEWAY), index: view.getInt32(4, true) };
}

export function listRoutes(): Request {
  return {
    verb: "list",
    object: "routes",
    type: RTM.GETROUTE,
    flags: NLM_F.REQUEST | NLM_F.DUMP,
    header: routeHeader(AF_UNSPEC, 0, []),
    attributes: [],
  };
}

export function addRoute(route: NewRoute): Request {
  const { family, prefix, attributes } = destination(route);
  const scope = family === AF.INET && route.via === undefined ? RT_SCOPE.LINK : RT_SCOPE.UNIVERSE;
  return {
    verb: "add route",
    object: describe(route),
    type: RTM.NEWROUTE,
    flags: NLM_F.REQUEST | NLM_F.ACK | NLM_F.EXCL | NLM_F.CREATE,
    header: routeHeader(family, prefix, [RT_TABLE.MAIN, RTPROT_BOOT, scope, RTN.UNICAST]),
    attributes,
  };
}

/** The first of the main table that fits. */
export function removeRoute(route: NewRoute): Request {
  const { family, prefix, attributes } = destination(route);
  return {
    verb: "remove route",
    object: describe(route),
    type: RTM.DELROUTE,
    flags: NLM_F.REQUEST | NLM_F.ACK,
    header: routeHeader(family, prefix, [RT_TABLE.MAIN, 0, RT_SCOPE.NOWHERE, 0]),
    attributes,
  };
}

function destination(route: NewRoute): { family: number; prefix: number; attributes: Attribute[] } {
  const to = route.to === "default" ? undefined : splitCidr(route.to);
  const via = route.via === undefined ? undefined : bytesOf(route.via);
  const length = (to?.ip ?? via)?.length ?? (route.family === 6 ? 16 : 4);
  const attributes = [
    ...to ? [{ type: RTA.DST, value: to.ip }] : [],
    ...via ? [{ type: RTA.GATEWAY, value: via }] : [],
    ...route.metric === undefined ? [] : [u32(RTA.PRIORITY, route.metric)],
    ...route.index === undefined ? [] : [u32(RTA.OIF, route.index)],
  ];
  return { family: length === 4 ? AF.INET : AF.INET6, prefix: to?.prefix ?? 0, attributes };
}

function describe({ to, via, index }: NewRoute): string {
  return `${to}${via === undefined ? "" : ` via ${via}`}${index === undefined ? "" : ` on link ${index}`}`;
}
