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

export function findLink(name: string): Request {
  return {
    verb: "find",
    object: `link ${name}`,
    type: RTM.GETLINK,
    flags: NLM_F.REQUEST | NLM_F.ACK,
    header: linkHeader(),
    attributes: [NO_STATS, text(IFLA.IFNAME, name)],
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

export function raiseLink(index: number): Request {
  return changeLink(index, "set up", [], linkHeader(index, IFF_UP, IFF_UP));
}

/** Isolated ports of a bridge reach only the bridge and its ports that are not isolated (Linux 4.18). */
export function isolatePort(index: number, isolated: boolean): Request {
  return changePort(index, isolated ? "isolate" : "join", u8(IFLA_BRPORT.ISOLATED, isolated ? 1 : 0));
}

/**
 * Lets a bridge send a frame back out of the port that it came in by. Where br_netfilter translates bridged frames, a
 * container that calls its own published port is such a case.
 */
export function reflectPort(index: number, reflects: boolean): Request {
  return changePort(index, reflects ? "reflect at" : "no longer reflect at", u8(IFLA_BRPORT.MODE, reflects ? 1 : 0));
}

function changePort(index: number, verb: string, setting: Attribute): Request {
  const attributes = [nested(IFLA.PROTINFO | NLA_F_NESTED, [setting])];
  const header = linkHeader(index, 0, 0, AF_BRIDGE);
  return { ...changeLink(index, verb, attributes, header), type: RTM.SETLINK, object: `port ${index} of a bridge` };
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
