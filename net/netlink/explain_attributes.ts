/** Names of attributes, and how the value of each is read. */
import { Attributes, attributesIn, textOf } from "./attribute.ts";
import { ipOf } from "./ip_bytes.ts";
import { macText } from "./link.ts";
import * as numbers from "./numbers.ts";
import { IPVLAN_MODE, MACVLAN_MODE } from "./numbers.ts";

type Show = (value: Uint8Array) => string;

/** Attributes by number. */
export type Schema = ReadonlyMap<number, { readonly name: string; readonly show: Show }>;

/** Every number of a table has a name, and must have its reading. */
function schema<N extends Readonly<Record<string, number>>>(
  prefix: string,
  types: N,
  shows: Record<keyof N, Show>,
): Schema {
  return new Map(
    (Object.keys(types) as (keyof N & string)[]).map((key) => [
      types[key] ?? 0,
      { name: `${prefix}${key}`, show: shows[key] },
    ]),
  );
}

/** `IFLA_MTU=1500`, …; an attribute without a name is shown by its number, and its bytes in hex. */
export function showAttributes(bytes: Uint8Array, names: Schema): string[] {
  return Array.from(attributesIn(bytes), ([type, value]) => {
    const { name = `attribute ${type}`, show = hex } = names.get(type) ?? {};
    return `${name}=${show(value)}`;
  });
}

const hex: Show = (value) => `0x${value.toHex()}`;
const little: Show = (value) => `${value.reduceRight((sum, byte) => sum * 256 + byte, 0)}`;
const big: Show = (value) => `${value.reduce((sum, byte) => sum * 256 + byte, 0)}`;

function inside(names: Schema, header = 0): Show {
  return (value) => `{${showAttributes(value.subarray(header), names).join(" ")}}`;
}

function oneOf(names: Readonly<Record<string, number>>): Show {
  return (value) => Object.keys(names).find((name) => `${names[name]}` === little(value)) ?? little(value);
}

const PORT = schema("IFLA_BRPORT_", numbers.IFLA_BRPORT, { MODE: little, ISOLATED: little });
const MACVLAN = schema("IFLA_MACVLAN_", numbers.IFLA_MACVLAN, { MODE: oneOf(MACVLAN_MODE) });
const IPVLAN = schema("IFLA_IPVLAN_", numbers.IFLA_IPVLAN, { MODE: oneOf(IPVLAN_MODE), FLAGS: little });
const VETH = schema("VETH_INFO_", numbers.VETH_INFO, { PEER: (value) => inside(LINK, 16)(value) });
const BY_KIND: Readonly<Record<string, Schema>> = { veth: VETH, macvlan: MACVLAN, ipvlan: IPVLAN };

/** What the data of a kind of link means depends on the kind that stands beside it. */
const linkInfo: Show = (value) => {
  const kind = new Attributes(value).text(numbers.IFLA_INFO.KIND) ?? "";
  const data = inside(BY_KIND[kind] ?? new Map());
  return inside(schema("IFLA_INFO_", numbers.IFLA_INFO, { KIND: textOf, DATA: data }))(value);
};

export const LINK: Schema = schema("IFLA_", numbers.IFLA, {
  ADDRESS: macText,
  IFNAME: textOf,
  MTU: little,
  LINK: little,
  MASTER: little,
  PROTINFO: inside(PORT),
  LINKINFO: linkInfo,
  NET_NS_PID: little,
  GROUP: little,
  NET_NS_FD: little,
  EXT_MASK: little,
  NUM_TX_QUEUES: little,
  NUM_RX_QUEUES: little,
  LINK_NETNSID: little,
});

export const ADDRESS: Schema = schema("IFA_", numbers.IFA, {
  ADDRESS: ipOf,
  LOCAL: ipOf,
  BROADCAST: ipOf,
  FLAGS: little,
});

export const ROUTE: Schema = schema("RTA_", numbers.RTA, {
  DST: ipOf,
  OIF: little,
  GATEWAY: ipOf,
  PRIORITY: little,
  MULTIPATH: hex,
  TABLE: little,
});

const IP = schema("CTA_IP_", numbers.CTA_IP, { V4_SRC: ipOf, V4_DST: ipOf, V6_SRC: ipOf, V6_DST: ipOf });
const PROTO = schema("CTA_PROTO_", numbers.CTA_PROTO, { NUM: big, SRC_PORT: big, DST_PORT: big });
const TUPLE = schema("CTA_TUPLE_", numbers.CTA_TUPLE, { IP: inside(IP), PROTO: inside(PROTO) });
const FILTER = schema("CTA_FILTER_", numbers.CTA_FILTER, { ORIG_FLAGS: little, REPLY_FLAGS: little });

export const FLOW: Schema = schema("CTA_", numbers.CTA, {
  TUPLE_ORIG: inside(TUPLE),
  TUPLE_REPLY: inside(TUPLE),
  ID: big,
  ZONE: big,
  FILTER: inside(FILTER),
});
