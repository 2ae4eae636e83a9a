/** Addresses as the kernel's messages have them: four bytes or sixteen, in network order. */
import ipaddr from "ipaddr.js";
import { invalid } from "../../base/errors.ts";

export function bytesOf(ip: string): Uint8Array {
  // The library also reads 10.1 and 0xa.0.0.1 as addresses.
  if (!ipaddr.IPv4.isValidFourPartDecimal(ip) && !ipaddr.IPv6.isValid(ip)) throw invalid(`invalid IP address: ${ip}`);
  return Uint8Array.from(ipaddr.parse(ip).toByteArray());
}

export function ipOf(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join(".") : ipaddr.fromByteArray([...bytes]).toString();
}

/** Address and length of prefix of `172.17.0.1/16`. */
export function splitCidr(cidr: string): { ip: Uint8Array; prefix: number } {
  const [, address = "", length = ""] = /^([^/]+)\/(\d{1,3})$/.exec(cidr) ?? [];
  if (address === "") throw invalid(`invalid CIDR address: ${cidr}`);
  const ip = bytesOf(address);
  const prefix = Number(length);
  if (prefix > ip.length * 8) throw invalid(`invalid CIDR address: ${cidr}`);
  return { ip, prefix };
}

/** The last address of the network of four bytes that `ip` is in. */
export function broadcastOf(ip: Uint8Array, prefix: number): Uint8Array {
  return ip.map((byte, number) => byte | (0xff >> Math.min(8, Math.max(0, prefix - number * 8))));
}
