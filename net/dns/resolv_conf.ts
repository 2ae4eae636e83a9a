/** resolv.conf(5): read from the host, written for containers. */
import ipaddr from "ipaddr.js";
import { textIfThere } from "../../base/text_if_there.ts";

export interface ResolvConf {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

const HOST_FILE = "/etc/resolv.conf";
/** Where systemd-resolved writes the servers that it asks itself. */
const RESOLVED_FILE = "/run/systemd/resolve/resolv.conf";
const RESOLVED_STUB = "127.0.0.53";
/** What Docker gives to a container that would have no server at all. */
const PUBLIC_SERVERS = ["8.8.8.8", "8.8.4.4"];

export function parseResolvConf(text: string): ResolvConf {
  const nameservers: string[] = [];
  let search: string[] = [];
  const options: string[] = [];
  for (const line of text.split("\n")) {
    const [keyword, ...words] = line.replace(/(^|\s)[#;].*/, "").trim().split(/\s+/);
    if (keyword === "nameserver" && words[0] !== undefined) nameservers.push(words[0]);
    if (keyword === "search") search = words;
    if (keyword === "domain") search = words.slice(0, 1); // of both lines the last counts
    if (keyword === "options") options.push(...words);
  }
  return { nameservers, search: search.filter((domain) => domain !== "."), options };
}

export function formatResolvConf({ nameservers, search, options }: ResolvConf): string {
  const line = (keyword: string, words: readonly string[]) =>
    words.length > 0 ? [`${keyword} ${words.join(" ")}\n`] : [];
  return [
    ...nameservers.flatMap((ip) => line("nameserver", [ip])),
    ...line("search", search),
    ...line("options", options),
  ]
    .join("");
}

/**
 * The host's servers. systemd-resolved's stub is reached from the host only, so where it is the only one its own servers
 * stand for it: Docker's rule.
 */
export function hostResolvConf(read: (path: string) => string = textIfThere): ResolvConf {
  const host = parseResolvConf(read(HOST_FILE));
  const onlyStub = host.nameservers.length === 1 && host.nameservers[0] === RESOLVED_STUB;
  const resolved = onlyStub ? parseResolvConf(read(RESOLVED_FILE)) : host;
  return resolved.nameservers.length > 0 ? resolved : host;
}

/**
 * The servers that a container can reach by itself: not the host's loopback, which is another one in there, and nothing
 * of IPv6 where the container has none. If no server is left these are public ones, as with Docker.
 */
export function reachableResolvConf(host: ResolvConf, { ipv6 }: { ipv6: boolean }): ResolvConf {
  const nameservers = host.nameservers.filter((ip) => {
    const plain = ip.replace(/%.*/, "");
    if (!ipaddr.isValid(plain)) return false;
    const address = ipaddr.parse(plain);
    // What belongs to an interface of the host (fe80::1%eth0) cannot be named in another namespace.
    return address.range() !== "loopback" && address.range() !== "linkLocal" && (ipv6 || address.kind() === "ipv4");
  });
  return { ...host, nameservers: nameservers.length > 0 ? nameservers : PUBLIC_SERVERS };
}

/**
 * For a container whose server is ours. With `ndots:0` a name is first asked for as it is: so a container's name is found
 * before the search domains are tried, and cannot be taken over by one of them (CVE-2025-8283).
 */
export function servedResolvConf(host: ResolvConf, server: string): ResolvConf {
  const ndots = host.options.some((option) => option.startsWith("ndots:")) ? [] : ["ndots:0"];
  return { ...host, nameservers: [server], options: [...host.options, ...ndots] };
}
