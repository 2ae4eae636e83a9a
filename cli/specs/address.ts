/** Names and addresses of networks on the command line. */
import { invalid } from "../../base/errors.ts";

export function isIp(text: string): boolean {
  return isIpv4(text) || isIpv6(text);
}

export function checkIp(text: string): void {
  if (!isIp(text.trim())) throw invalid(`IP address is not correctly formatted: ${text}`);
}

/** `host:ip`, `host=ip`, with `[ip]` for IPv6 and `host-gateway`; the API has `host:ip`. */
export function parseAddHost(text: string): string {
  const [, host, address = ""] = /^([^:=]+)[:=](.+)$/.exec(text) ?? [];
  if (host === undefined) throw invalid(`bad format for add-host: ${JSON.stringify(text)}`);
  const bare = address.replace(/^\[(.*)\]$/, "$1");
  if (bare !== "host-gateway" && !isIp(bare)) {
    throw invalid(`invalid IP address in add-host: ${JSON.stringify(address)}`);
  }
  return `${host}:${bare}`;
}

export function checkAddHost(text: string): void {
  parseAddHost(text);
}

export function checkLink(text: string): void {
  if (!/^[^:]+(:[^:]+)?$/.test(text)) throw invalid(`bad format for links: ${text}`);
}

export function checkMacAddress(text: string): void {
  if (!/^([\da-f]{2}([:-][\da-f]{2}){5}|[\da-f]{4}(\.[\da-f]{4}){2})$/i.test(text)) {
    throw invalid(`${text} is not a valid mac address`);
  }
}

/** The address as a number; undefined if it is none. IPv4 is read as the part of IPv6 that it is mapped to. */
export function addressNumber(text: string): bigint | undefined {
  if (isIpv4(text)) {
    return (0xffffn << 32n) | BigInt(text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0));
  }
  if (!isIpv6(text)) return undefined;
  // The URL parser writes all groups in hexadecimal, with one `::` at most.
  const [head = "", tail] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split("::");
  const groups = (part: string | undefined) => (part ?? "").split(":").filter((group) => group !== "");
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

/** A block of addresses in CIDR form; undefined if it is none. */
export function parseCidr(text: string): { base: bigint; bits: number } | undefined {
  const [, address = "", length = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const number = addressNumber(address), most = isIpv4(address) ? 32 : 128;
  if (number === undefined || Number(length) > most) return undefined;
  const bits = most - Number(length);
  return { base: (number >> BigInt(bits)) << BigInt(bits), bits };
}

function isIpv4(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split(".").every((part) => Number(part) < 256);
}

function isIpv6(text: string): boolean {
  return text.includes(":") && /^[\da-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]/`);
}
