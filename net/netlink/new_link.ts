/** Requests that make links of each kind. Attributes stand in the order in which `ip` sends them. */
import { invalid } from "../../base/errors.ts";
import type { Fd } from "../../sys/fd.ts";
import { type Attribute, nested, text, u16, u32, word } from "./attribute.ts";
import { linkHeader } from "./link.ts";
import { NLM_F, type Request } from "./message.ts";
import {
  IFF_UP,
  IFLA,
  IFLA_INFO,
  IFLA_IPVLAN,
  IFLA_MACVLAN,
  IPVLAN_MODE,
  MACVLAN_MODE,
  RTM,
  VETH_INFO,
} from "./numbers.ts";

export interface NewBridge {
  readonly name: string;
  readonly mtu?: number;
  /** Without one the bridge takes over the lowest of its ports', and changes it as they come and go. */
  readonly mac?: string;
}

export interface NewVeth {
  /** Of the end that stays here, as a port of `bridge`. */
  readonly name: string;
  /** Index. */
  readonly bridge: number;
  /** Of both ends. */
  readonly mtu?: number;
  readonly peer: { readonly name: string; readonly namespace: Fd; readonly mac: string };
}

export interface NewMacvlan {
  readonly name: string;
  /** Index of the link that it shares. */
  readonly parent: number;
  readonly mode: keyof typeof MACVLAN_MODE;
  readonly namespace: Fd;
  readonly mac?: string;
  readonly mtu?: number;
}

export interface NewIpvlan {
  readonly name: string;
  readonly parent: number;
  readonly mode: keyof typeof IPVLAN_MODE;
  readonly namespace: Fd;
  readonly mtu?: number;
}

function newLink(kind: string, object: string, attributes: readonly Attribute[], header = linkHeader()): Request {
  return {
    verb: `create ${kind}`,
    object,
    type: RTM.NEWLINK,
    flags: NLM_F.REQUEST | NLM_F.ACK | NLM_F.EXCL | NLM_F.CREATE,
    header,
    attributes,
  };
}

function info(kind: string, data: readonly Attribute[] = []): Attribute {
  const details = data.length > 0 ? [nested(IFLA_INFO.DATA, data)] : [];
  return nested(IFLA.LINKINFO, [word(IFLA_INFO.KIND, kind), ...details]);
}

export function createBridge({ name, mtu, mac }: NewBridge): Request {
  return newLink("bridge", name, [...mtuOf(mtu), ...macOf(mac), text(IFLA.IFNAME, name), info("bridge")]);
}

const ONE_QUEUE = [u32(IFLA.NUM_TX_QUEUES, 1), u32(IFLA.NUM_RX_QUEUES, 1)];

/**
 * Both ends in one message: the outer one becomes a port of the bridge and goes up, the inner one is born in its
 * namespace. That one must be set up in there: asked to be up at once, it fails (ENOTCONN) as its twin is not there yet.
 */
export function createVeth({ name, bridge, mtu, peer }: NewVeth): Request {
  const inner = [
    ...mtuOf(mtu),
    ...macOf(peer.mac),
    ...ONE_QUEUE,
    u32(IFLA.NET_NS_FD, peer.namespace.number),
    text(IFLA.IFNAME, peer.name),
  ];
  const outer = [...mtuOf(mtu), ...ONE_QUEUE, u32(IFLA.MASTER, bridge), text(IFLA.IFNAME, name)];
  const pair = info("veth", [nested(VETH_INFO.PEER, inner, linkHeader())]);
  return newLink("veth", `${name} on bridge ${bridge}`, [...outer, pair], linkHeader(0, IFF_UP, IFF_UP));
}

export function createMacvlan({ name, parent, mode, namespace, mac, mtu }: NewMacvlan): Request {
  return newLink("macvlan", `${name} on link ${parent}`, [
    ...mtuOf(mtu),
    ...macOf(mac),
    u32(IFLA.NET_NS_FD, namespace.number),
    u32(IFLA.LINK, parent),
    text(IFLA.IFNAME, name),
    info("macvlan", [u32(IFLA_MACVLAN.MODE, MACVLAN_MODE[mode])]),
  ]);
}

export function createIpvlan({ name, parent, mode, namespace, mtu }: NewIpvlan): Request {
  return newLink("ipvlan", `${name} on link ${parent}`, [
    ...mtuOf(mtu),
    u32(IFLA.NET_NS_FD, namespace.number),
    u32(IFLA.LINK, parent),
    text(IFLA.IFNAME, name),
    info("ipvlan", [u16(IFLA_IPVLAN.MODE, IPVLAN_MODE[mode]), u16(IFLA_IPVLAN.FLAGS, 0)]),
  ]);
}

function mtuOf(mtu: number | undefined): Attribute[] {
  return mtu === undefined ? [] : [u32(IFLA.MTU, mtu)];
}

function macOf(mac: string | undefined): Attribute[] {
  if (mac === undefined) return [];
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac)) throw invalid(`${mac} is not a valid mac address`);
  return [{ type: IFLA.ADDRESS, value: Uint8Array.from(mac.split(":"), (byte) => Number.parseInt(byte, 16)) }];
}
