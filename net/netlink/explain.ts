/** Requests in words: what is written here is read off the very bytes that are sent. */
import { decodeBits } from "../../sys/bits.ts";
import { AF } from "../../sys/socket_address.ts";
import { encodeRequests, MESSAGE_HEADER, NLM_F, type Request } from "./message.ts";
import { AF_BRIDGE, IFA_F_NODAD, IFF_UP, IPCTNL_MSG_CT, RT_SCOPE, RT_TABLE, RTM, RTN, RTPROT_BOOT } from "./numbers.ts";
import { ADDRESS, FLOW, LINK, ROUTE, type Schema, showAttributes } from "./explain_attributes.ts";

/** How the struct of a kind of message reads, its size, and what attributes follow it. */
interface Kind {
  readonly size: number;
  readonly header: (struct: DataView) => string[];
  readonly attributes: Schema;
}

const link: Kind = {
  size: 16,
  attributes: LINK,
  header: (struct) => {
    const [index, change] = [struct.getInt32(4, true), struct.getUint32(12, true)];
    return [
      ...family(struct),
      ...index === 0 ? [] : [`ifi_index=${index}`],
      ...change === 0 ? [] : [`ifi_flags=${decodeBits(struct.getUint32(8, true), { IFF_UP })}`],
    ];
  },
};

const address: Kind = {
  size: 8,
  attributes: ADDRESS,
  header: (struct) => {
    const [prefix, flags, index] = [struct.getUint8(1), struct.getUint8(2), struct.getUint32(4, true)];
    return [
      ...family(struct),
      ...index === 0 ? [] : [`ifa_index=${index}`, `ifa_prefixlen=${prefix}`],
      ...flags === 0 ? [] : [`ifa_flags=${decodeBits(flags, { IFA_F_NODAD })}`],
    ];
  },
};

const route: Kind = {
  size: 12,
  attributes: ROUTE,
  header: (struct) => {
    const [prefix, table, protocol, scope, type] = [1, 4, 5, 6, 7].map((offset) => struct.getUint8(offset));
    if (table === RT_TABLE.UNSPEC) return family(struct);
    return [
      ...family(struct),
      `rtm_dst_len=${prefix}`,
      `rtm_table=${nameOf(RT_TABLE, table, "RT_TABLE_")}`,
      ...protocol === 0 ? [] : [`rtm_protocol=${protocol === RTPROT_BOOT ? "RTPROT_BOOT" : protocol}`],
      ...scope === RT_SCOPE.NOWHERE ? [] : [`rtm_scope=${nameOf(RT_SCOPE, scope, "RT_SCOPE_")}`],
      ...type === 0 ? [] : [`rtm_type=${nameOf(RTN, type, "RTN_")}`],
    ];
  },
};

const flow: Kind = { size: 4, attributes: FLOW, header: family };

function kindOf(type: number): Kind {
  if (type > 0xff) return flow;
  if (type >= RTM.NEWROUTE) return route;
  return type >= RTM.NEWADDR ? address : link;
}

/**
 * `RTM_NEWLINK create bridge br-1 (NLM_F_EXCL|NLM_F_CREATE): IFLA_MTU=1500 IFLA_IFNAME=br-1 …`: one line, for
 * `--explain`.
 */
export function explainRequest(request: Request): string {
  const { verb, object } = request;
  const bytes = encodeRequests([request], 1);
  const view = new DataView(bytes.buffer);
  const type = view.getUint16(4, true);
  const parts = partsOf(bytes, kindOf(type));
  const flags = flagsOf(view.getUint16(6, true));
  return `${typeName(type)} ${verb} ${object}${flags && ` (${flags})`}${parts.length > 0 ? ": " : ""}${
    parts.join(" ")
  }`;
}

function partsOf(bytes: Uint8Array<ArrayBuffer>, { size, header, attributes }: Kind): string[] {
  const struct = new DataView(bytes.buffer, bytes.byteOffset + MESSAGE_HEADER, size);
  return [...header(struct), ...showAttributes(bytes.subarray(MESSAGE_HEADER + size), attributes)];
}

/** Without those that every request has. The same bit means another thing in a request for a list. */
function flagsOf(flags: number): string {
  const rest = flags & ~(NLM_F.REQUEST | NLM_F.ACK);
  if (rest === 0) return "";
  const names = rest === NLM_F.DUMP
    ? { NLM_F_DUMP: NLM_F.DUMP }
    : { NLM_F_REPLACE: NLM_F.REPLACE, NLM_F_EXCL: NLM_F.EXCL, NLM_F_CREATE: NLM_F.CREATE };
  return decodeBits(rest, names);
}

function typeName(type: number): string {
  return type > 0xff ? nameOf(IPCTNL_MSG_CT, type, "IPCTNL_MSG_CT_") : nameOf(RTM, type, "RTM_");
}

function family(struct: DataView): string[] {
  const number = struct.getUint8(0);
  return number === 0 ? [] : [`family=${nameOf({ INET: AF.INET, INET6: AF.INET6, BRIDGE: AF_BRIDGE }, number, "AF_")}`];
}

function nameOf(names: Readonly<Record<string, number>>, number: number | undefined, prefix: string): string {
  const name = Object.keys(names).find((key) => names[key] === number);
  return name === undefined ? `${number}` : `${prefix}${name}`;
}
