/** The three files of Docker in /etc that describe the container's place in the network. */

import { formatResolvConf, reachableResolvConf, type ResolvConf, servedResolvConf } from "../../net/dns/resolv_conf.ts";
import { DNS_ADDRESS } from "../../net/dns/server.ts";

export interface NetworkFilesOf {
  readonly hostname: string;
  readonly domainname: string;
  /** `name:address`, as `--add-host` has it. */
  readonly extraHosts: readonly string[];
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
  /** The host's /etc/hosts, when the container is in the host's network. */
  readonly hostsOfHost?: string;
  readonly resolvConfOfHost: ResolvConf;
  /** In the host's stack; in a network whose names the engine serves; or anywhere else. */
  readonly place: "host" | "named" | "elsewhere";
  /** Whether it reaches anything by IPv6. */
  readonly ipv6: boolean;
  /** Its own addresses. */
  readonly addresses: readonly string[];
  /** Further lines of /etc/hosts. */
  readonly links: readonly string[];
  /** For `host-gateway` in an extra host: the address of the host as the container sees it. */
  readonly hostGateway: string;
}

export function hostnameFile({ hostname }: NetworkFilesOf): string {
  return `${hostname}\n`;
}

const LOCAL = [
  "127.0.0.1\tlocalhost",
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::\tip6-localnet",
  "ff00::\tip6-mcastprefix",
  "ff02::1\tip6-allnodes",
  "ff02::2\tip6-allrouters",
];

export function hostsFile(of: NetworkFilesOf): string {
  const { hostname, domainname, addresses, links, extraHosts, hostsOfHost, hostGateway } = of;
  const extra = extraHosts.map((entry) => {
    const at = entry.search(/[:=]/);
    const ip = entry.slice(at + 1);
    return `${ip === "host-gateway" ? hostGateway : ip}\t${entry.slice(0, at)}`;
  });
  // The domain may stand in the host name, too; the bare name follows the full one (moby, updateHostsFile).
  const full = domainname === "" ? hostname : `${hostname}.${domainname}`;
  const names = full.includes(".") ? `${full} ${full.replace(/\..*/, "")}` : full;
  const own = addresses.map((ip) => `${ip}\t${names}`);
  const base = hostsOfHost === undefined ? LOCAL : [hostsOfHost.trimEnd()];
  return [...base, ...extra, ...links, ...own].join("\n") + "\n";
}

/** The host's resolv.conf with what the request replaces; whom the container asks depends on where it is. */
export function resolvConfFile({ dns, dnsSearch, dnsOptions, resolvConfOfHost, place, ipv6 }: NetworkFilesOf): string {
  const wanted: ResolvConf = {
    nameservers: dns.length > 0 ? dns : resolvConfOfHost.nameservers,
    search: dnsSearch.length > 0 ? dnsSearch.filter((domain) => domain !== ".") : resolvConfOfHost.search,
    options: dnsOptions.length > 0 ? dnsOptions : resolvConfOfHost.options,
  };
  if (place === "named") return formatResolvConf(servedResolvConf(wanted, DNS_ADDRESS));
  if (place === "host" || dns.length > 0) return formatResolvConf(wanted);
  return formatResolvConf(reachableResolvConf(wanted, { ipv6 }));
}
