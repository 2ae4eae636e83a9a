import type { Fd } from "../../sys/fd.ts";
import { type Attribute, Attributes, nested, NLA_F_NESTED, text, u32, u8 } from "./attribute.ts";
import { type Message, NLM_F, type Request } from "./message.ts";
import { AF_BRIDGE, AF_UNSPEC, IFF_UP, IFLA, IFLA_BRPORT, IFLA_INFO, RTEXT_FILTER_SKIP_STATS, RTM } from "./numbers.ts";

/** A network interface. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** `02:42:ac:11:00:02`; empty where the kind of link has none. */
  readonly mac: string;
  readonly mtu: number;
  /** Switched on by somebody; whether packets can pass is another matter. */
  readonly up: boolean;
  /** `bridge`, `veth`, `macvlan`…; undefined for hardware and `lo`. */
  readonly kind?: string;
  /** Index of the bridge that it is a port of. */
  readonly master?: number;
  /** Index of the other end of a veth, of the parent of a macvlan or ipvlan. */
  readonly peerIndex?: number;
  /** Which namespace that one is in (a number of this namespace's own); undefined: in this one. */
  readonly peerNamespace?: number;
}

/** `struct ifinfomsg`. */
export function linkHeader(index = 0, flags = 0, change = 0, family = AF_UNSPEC): Uint8Array {
  const header = new Uint8Array(16);
  const view = new DataView(header.buffer);
  view.setUint8(0, family);
  view.setInt32(4, index, true);
  view.setUint32(8, flags, true);
  view.setUint32(12, change, true);
  return header;
}

export function decodeLink({ payload }: Message): Link {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const attributes = new Attributes(payload.subarray(16));
  const kind = attributes.nested(IFLA.LINKINFO)?.text(IFLA_INFO.KIND);
  const [master, peerIndex, peerNamespace] = [IFLA.MASTER, IFLA.LINK, IFLA.LINK_NETNSID].map((type) =>
    attributes.u32(type)
  );
  return {
    index: view.getInt32(4, true),
    name: attributes.text(IFLA.IFNAME) ?? "",
    mac: macText(attributes.bytes(IFLA.ADDRESS) ?? new Uint8Array()),
    mtu: attributes.u32(IFLA.MTU) ?? 0,
    up: (view.getUint32(8, true) & IFF_UP) !== 0,
    ...kind !== undefined && { kind },
    ...master !== undefined && { master },
    ...peerIndex !== undefined && { peerIndex },
    ...peerNamespace !== undefined && { peerNamespace },
  };
}

export function macText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

const NO_STATS = u32(IFLA.EXT_MASK, RTEXT_FILTER_SKIP_STATS);

export function listLinks(): Request {
  return {
    verb: "list",
    object: "links",
    type: RTM.GETLINK,
    flags: NLM_F.REQUEST | NLM_F.DUMP,
    header: linkHeader(),
    attributes: [NO_STATS],
  };
}

export function findLink(wanted: string | number): Request {
  const byName = typeof wanted === "string";
  return {
    verb: "find",
    object: `link ${wanted}`,
    type: RTM.GETLINK,
    flags: NLM_F.REQUEST | NLM_F.ACK,
    header: linkHeader(byName ? 0 : wanted),
    attributes: byName ? [NO_STATS, text(IFLA.IFNAME, wanted)] : [NO_STATS],
  };
}

function changeLink(
  index: number,
  verb: string,
  attributes: readonly Attribute[],
  header = linkHeader(index),
): Request {
  return { verb, object: `link ${index}`, type: RTM.NEWLINK, flags: NLM_F.REQUEST | NLM_F.ACK, header, attributes };
}

export function switchLink(index: number, up: boolean): Request {
  return changeLink(index, up ? "set up" : "set down", [], linkHeader(index, up ? IFF_UP : 0, IFF_UP));
}

export function renameLink(index: number, name: string): Request {
  return { ...changeLink(index, "rename", [text(IFLA.IFNAME, name)]), object: `link ${index} to ${name}` };
}

export function resizeLink(index: number, mtu: number): Request {
  return { ...changeLink(index, "set MTU", [u32(IFLA.MTU, mtu)]), object: `of link ${index} to ${mtu}` };
}

/** Makes it a port of a bridge; 0: of none. */
export function enslaveLink(index: number, master: number): Request {
  const [verb, object] = master === 0 ? ["release", `link ${index}`] : ["enslave", `link ${index} to ${master}`];
  return { ...changeLink(index, verb, [u32(IFLA.MASTER, master)]), object };
}

/** Moves it to another namespace, where it may get another index, and is down. */
export function moveLink(index: number, namespace: Fd, name: string): Request {
  const attributes = [u32(IFLA.NET_NS_FD, namespace.number), text(IFLA.IFNAME, name)];
  return { ...changeLink(index, "move", attributes), object: `link ${index} to another namespace as ${name}` };
}

/** Isolated ports of a bridge reach only the bridge and its ports that are not isolated (Linux 4.18). */
export function isolatePort(index: number, isolated: boolean): Request {
  return {
    verb: isolated ? "isolate" : "join",
    object: `port ${index} of a bridge`,
    type: RTM.SETLINK,
    flags: NLM_F.REQUEST | NLM_F.ACK,
    header: linkHeader(index, 0, 0, AF_BRIDGE),
    attributes: [nested(IFLA.PROTINFO | NLA_F_NESTED, [u8(IFLA_BRPORT.ISOLATED, isolated ? 1 : 0)])],
  };
}

/**
 * Lets a bridge send a frame back out of the port that it came in by. Where br_netfilter translates bridged frames, a
 * container that calls its own published port is such a case.
 */
export function reflectPort(index: number, reflects: boolean): Request {
  return {
    verb: reflects ? "reflect at" : "no longer reflect at",
    object: `port ${index} of a bridge`,
    type: RTM.SETLINK,
    flags: NLM_F.REQUEST | NLM_F.ACK,
    header: linkHeader(index, 0, 0, AF_BRIDGE),
    attributes: [nested(IFLA.PROTINFO | NLA_F_NESTED, [u8(IFLA_BRPORT.MODE, reflects ? 1 : 0)])],
  };
}

export function deleteLink(index: number): Request {
  return { ...changeLink(index, "delete", []), type: RTM.DELLINK };
}

/**
 * Deletes several at the price of one: the kernel waits once for a whole group (rtnl_group_dellink). `group` is a number
 * that no other link has: not 0, which is everybody's.
 */
export function deleteTogether(indexes: readonly number[], group: number): Request[] {
  const mark = u32(IFLA.GROUP, group);
  const marking = indexes.map((index): Request => changeLink(index, "mark", [mark]));
  const object = `links ${indexes.join(", ")}`;
  return [...marking, { ...changeLink(0, "delete", [mark]), type: RTM.DELLINK, object }];
}
