/** Internet addresses as the kernel has them: struct sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)). */
import ipaddr from "ipaddr.js";

export const AF = { INET: 2, INET6: 10, NETLINK: 16 } as const;

/** An address and a port. */
export interface SocketAddress {
  /** In text: `127.0.0.1`, `::1`. */
  readonly ip: string;
  readonly port: number;
  /** The interface that a link-local address of IPv6 belongs to. */
  readonly scope?: number;
}

/** The longest of them, for the kernel to write into. */
export const SOCKADDR_SIZE = 28;

/** AF_INET6 for what has a colon. */
export function familyOf(ip: string): number {
  return ip.includes(":") ? AF.INET6 : AF.INET;
}

export function packSocketAddress({ ip, port, scope = 0 }: SocketAddress): Uint8Array<ArrayBuffer> {
  const bytes = ipaddr.parse(ip).toByteArray();
  const v6 = bytes.length === 16;
  const packed = new Uint8Array(v6 ? 28 : 16);
  const view = new DataView(packed.buffer);
  view.setUint16(0, v6 ? AF.INET6 : AF.INET, true);
  view.setUint16(2, port);
  packed.set(bytes, v6 ? 8 : 4);
  if (v6) view.setUint32(24, scope, true);
  return packed;
}

/** What the kernel wrote; undefined for another family. */
export function unpackSocketAddress(packed: Uint8Array<ArrayBuffer>): SocketAddress | undefined {
  const view = new DataView(packed.buffer, packed.byteOffset);
  const family = view.getUint16(0, true);
  const port = view.getUint16(2);
  if (family === AF.INET) return { ip: packed.subarray(4, 8).join("."), port };
  if (family !== AF.INET6) return undefined;
  const ip = ipaddr.fromByteArray([...packed.subarray(8, 24)]).toString();
  const scope = view.getUint32(24, true);
  return { ip, port, ...scope !== 0 && { scope } };
}
