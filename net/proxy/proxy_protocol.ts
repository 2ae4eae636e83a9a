/**
 * The header of the PROXY protocol, version 2: who really speaks, told to a target that sees the proxy's address only
 * (haproxy.org/download/3.0/doc/proxy-protocol.txt, section 2.2).
 *
 *     signature 12 | version and command 1 | family and protocol 1 | length of the rest 2 |
 *     source address 4 or 16 | destination address | source port 2 | destination port 2
 */
import ipaddr from "ipaddr.js";
import type { Bytes } from "../../base/container_engine.ts";
import type { SocketAddress } from "../../sys/socket_address.ts";

const SIGNATURE = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a] as const;
const VERSION_2_PROXY = 0x21;
const TCP_OVER_IPV4 = 0x11, TCP_OVER_IPV6 = 0x21;

/** Says that `source` has connected to `destination`; both are of the same family. */
export function proxyHeader(source: SocketAddress, destination: SocketAddress): Bytes {
  const from = addressBytes(source.ip), to = addressBytes(destination.ip);
  const family = from.length === 4 ? TCP_OVER_IPV4 : TCP_OVER_IPV6;
  const rest = [...from, ...to, ...portBytes(source.port), ...portBytes(destination.port)];
  return new Uint8Array([...SIGNATURE, VERSION_2_PROXY, family, 0, rest.length, ...rest]);
}

/** A client of IPv4 on a socket of IPv6 (`::ffff:10.0.0.1`) is one of IPv4. */
function addressBytes(ip: string): number[] {
  return ipaddr.process(ip).toByteArray();
}

function portBytes(port: number): [number, number] {
  return [port >> 8, port & 0xff];
}
