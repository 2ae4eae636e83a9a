import { AF } from "../../sys/socket_address.ts";
import { Attributes } from "./attribute.ts";
import { broadcastOf, ipOf, splitCidr } from "./ip_bytes.ts";
import { type Message, NLM_F, type Request } from "./message.ts";
import { AF_UNSPEC, IFA, IFA_F_NODAD, RT_SCOPE, RTM } from "./numbers.ts";

/** An address of an interface. */
export interface Address {
  /** Of the link. */
  readonly index: number;
  readonly ip: string;
  readonly prefix: number;
  /** 0 global, 253 link, 254 host (rtnetlink(7)). */
  readonly scope: number;
}

/** `struct ifaddrmsg`. */
function addressHeader(family: number, prefix = 0, flags = 0, index = 0): Uint8Array {
  const header = Uint8Array.of(family, prefix, flags, RT_SCOPE.UNIVERSE, 0, 0, 0, 0);
  new DataView(header.buffer).setUint32(4, index, true);
  return header;
}

export function decodeAddress({ payload }: Message): Address | undefined {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const attributes = new Attributes(payload.subarray(8));
  // Where the two differ, the other one is the peer's at the far end of a point-to-point link.
  const ip = attributes.bytes(IFA.LOCAL) ?? attributes.bytes(IFA.ADDRESS);
  if (ip === undefined) return undefined;
  return { index: view.getUint32(4, true), ip: ipOf(ip), prefix: view.getUint8(1), scope: view.getUint8(3) };
}

export function listAddresses(): Request {
  return {
    verb: "list",
    object: "addresses",
    type: RTM.GETADDR,
    flags: NLM_F.REQUEST | NLM_F.DUMP,
    header: addressHeader(AF_UNSPEC),
    attributes: [],
  };
}

/** With `noDad` an address of IPv6 is good at once, not after a second of asking the neighbours whether it is theirs. */
export function addAddress(index: number, cidr: string, { noDad = false } = {}): Request {
  const { ip, prefix } = splitCidr(cidr);
  const v4 = ip.length === 4;
  const broadcast = v4 && prefix < 31 ? [{ type: IFA.BROADCAST, value: broadcastOf(ip, prefix) }] : [];
  return {
    verb: "add address",
    object: `${cidr} to link ${index}`,
    type: RTM.NEWADDR,
    flags: NLM_F.REQUEST | NLM_F.ACK | NLM_F.EXCL | NLM_F.CREATE,
    header: addressHeader(v4 ? AF.INET : AF.INET6, prefix, noDad && !v4 ? IFA_F_NODAD : 0, index),
    attributes: [{ type: IFA.LOCAL, value: ip }, { type: IFA.ADDRESS, value: ip }, ...broadcast],
  };
}

export function removeAddress(index: number, cidr: string): Request {
  const { ip, prefix } = splitCidr(cidr);
  return {
    verb: "remove address",
    object: `${cidr} from link ${index}`,
    type: RTM.DELADDR,
    flags: NLM_F.REQUEST | NLM_F.ACK,
    header: addressHeader(ip.length === 4 ? AF.INET : AF.INET6, prefix, 0, index),
    attributes: [{ type: IFA.LOCAL, value: ip }, { type: IFA.ADDRESS, value: ip }],
  };
}
