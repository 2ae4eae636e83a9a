/**
 * Connection tracking over netlink (linux/netfilter/nfnetlink_conntrack.h). Numbers in attributes are in network order.
 * A flow has two tuples: as its first packet was before all translation, and as the answers come.
 */
import { addressText } from "../../base/address_text.ts";
import { type Attribute, Attributes, nested, NLA_F_NESTED, u32, u8 } from "./attribute.ts";
import { ipOf } from "./ip_bytes.ts";
import { type Message, NLM_F, type Request } from "./message.ts";
import { CTA, CTA_FILTER, CTA_FILTER_FLAG, CTA_IP, CTA_PROTO, CTA_TUPLE, IPCTNL_MSG_CT } from "./numbers.ts";

export const IPPROTO = { tcp: 6, udp: 17, sctp: 132 } as const;
export type Protocol = keyof typeof IPPROTO;

/** One direction of a flow. */
export interface Tuple {
  readonly source: string;
  readonly target: string;
  readonly protocol: number;
  readonly sourcePort?: number;
  readonly targetPort?: number;
}

/** What the kernel remembers of packets that belong together. */
export interface Flow {
  readonly original: Tuple;
  readonly reply: Tuple;
  /** The message's own attributes that name it, for its deletion. */
  readonly name: { readonly family: number; readonly attributes: readonly Attribute[] };
}

/** What flows are to be listed. */
export interface FlowFilter {
  readonly family: number;
  readonly protocol: Protocol;
  /** Where the first packet was sent to, before any translation. */
  readonly targetPort: number;
}

/** `struct nfgenmsg`: family, version, resource. */
function flowHeader(family: number): Uint8Array {
  return Uint8Array.of(family, 0, 0, 0);
}

/** The kernel picks them out itself (Linux 5.8), for a busy host has hundreds of thousands. */
export function listFlows({ family, protocol, targetPort }: FlowFilter): Request {
  const proto = [u8(CTA_PROTO.NUM, IPPROTO[protocol]), networkOrder16(CTA_PROTO.DST_PORT, targetPort)];
  return {
    verb: "list",
    object: `flows of ${protocol}`,
    type: IPCTNL_MSG_CT.GET,
    flags: NLM_F.REQUEST | NLM_F.DUMP,
    header: flowHeader(family),
    attributes: [
      nested(CTA.TUPLE_ORIG | NLA_F_NESTED, [nested(CTA_TUPLE.PROTO | NLA_F_NESTED, proto)]),
      nested(CTA.FILTER | NLA_F_NESTED, [
        u32(CTA_FILTER.ORIG_FLAGS, CTA_FILTER_FLAG.PROTO_NUM | CTA_FILTER_FLAG.PROTO_DST_PORT),
        u32(CTA_FILTER.REPLY_FLAGS, 0),
      ]),
    ],
  };
}

export function deleteFlow({ original, name }: Flow): Request {
  const { source, sourcePort = 0, target, targetPort = 0 } = original;
  return {
    verb: "forget flow",
    object: `${addressText({ ip: source, port: sourcePort })} to ${addressText({ ip: target, port: targetPort })}`,
    type: IPCTNL_MSG_CT.DELETE,
    flags: NLM_F.REQUEST | NLM_F.ACK,
    header: flowHeader(name.family),
    attributes: name.attributes,
  };
}

export function decodeFlow({ payload }: Message): Flow | undefined {
  const [family = 0] = payload;
  const attributes = new Attributes(payload.subarray(4));
  const original = decodeTuple(attributes.nested(CTA.TUPLE_ORIG));
  const reply = decodeTuple(attributes.nested(CTA.TUPLE_REPLY));
  if (original === undefined || reply === undefined) return undefined;
  // The id makes sure that it is not a new flow between the same two that is forgotten.
  const kept = [[CTA.TUPLE_ORIG, NLA_F_NESTED], [CTA.ZONE, 0], [CTA.ID, 0]] as const;
  const name = kept.flatMap(([type, flag]) => {
    const value = attributes.bytes(type);
    return value === undefined ? [] : [{ type: type | flag, value: value.slice() }];
  });
  return { original, reply, name: { family, attributes: name } };
}

function decodeTuple(tuple: Attributes | undefined): Tuple | undefined {
  const [ip, proto] = [tuple?.nested(CTA_TUPLE.IP), tuple?.nested(CTA_TUPLE.PROTO)];
  const source = ip?.bytes(CTA_IP.V4_SRC) ?? ip?.bytes(CTA_IP.V6_SRC);
  const target = ip?.bytes(CTA_IP.V4_DST) ?? ip?.bytes(CTA_IP.V6_DST);
  const protocol = proto?.bytes(CTA_PROTO.NUM)?.[0];
  if (source === undefined || target === undefined || protocol === undefined) return undefined;
  const [sourcePort, targetPort] = [CTA_PROTO.SRC_PORT, CTA_PROTO.DST_PORT].map((type) => {
    const [high, low] = proto?.bytes(type) ?? [];
    return high === undefined || low === undefined ? undefined : high << 8 | low;
  });
  return {
    source: ipOf(source),
    target: ipOf(target),
    protocol,
    ...sourcePort !== undefined && { sourcePort },
    ...targetPort !== undefined && { targetPort },
  };
}

function networkOrder16(type: number, value: number): Attribute {
  return { type, value: Uint8Array.of(value >> 8, value & 0xff) };
}
