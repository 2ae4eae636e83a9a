import ipaddr from "ipaddr.js";
import type { SocketAddress } from "../../sys/socket_address.ts";

export const DNS_PORT = 53;
const FORM = /^([^%#]+)(?:%([^#/]+))?(?:#(\d{1,5}))?$/;

/**
 * Where a server listens: an address, behind `%` the interface of a link-local one, and behind `#` its port, if that is
 * not 53, as dnsmasq and systemd-resolved write it. Undefined for what is none of these: a line that somebody got wrong
 * in /etc/resolv.conf must not end name resolution.
 */
export function parseUpstream(text: string): SocketAddress | undefined {
  const [, ip = "", device, port = `${DNS_PORT}`] = FORM.exec(text.trim()) ?? [];
  if (!ipaddr.isValid(ip) || Number(port) === 0 || Number(port) > 65_535) return undefined;
  const scope = device === undefined ? undefined : interfaceIndex(device);
  return { ip, port: Number(port), ...scope !== undefined && { scope } };
}

function interfaceIndex(device: string): number | undefined {
  if (/^\d+$/.test(device)) return Number(device);
  try {
    return Number(Deno.readTextFileSync(`/sys/class/net/${device}/ifindex`));
  } catch {
    return undefined;
  }
}
