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
  if (!/^[\da-f]{2}([:-][\da-f]{2}){5}$/i.test(text)) throw invalid(`${text} is not a valid mac address`);
}

function isIpv4(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split(".").every((part) => Number(part) < 256);
}

function isIpv6(text: string): boolean {
  return text.includes(":") && /^[\da-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]/`);
}
