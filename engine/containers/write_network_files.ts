import { textIfThere } from "../../base/text_if_there.ts";
import { hostResolvConf } from "../../net/dns/resolv_conf.ts";
import { addresses } from "../networks/endpoint.ts";
import { linkHosts } from "../networks/links.ts";
import type { Parts } from "../parts.ts";
import { hostnameFile, hostsFile, type NetworkFilesOf, resolvConfFile } from "../spec/network_files.ts";
import type { Container } from "./container.ts";

/**
 * Writes /etc/hostname, /etc/hosts and /etc/resolv.conf of a container into its folder. In place: one that runs has these
 * very files mounted.
 */
export function writeNetworkFiles(parts: Parts, container: Container): void {
  const { folders, network, record: { config, hostConfig } } = container;
  if (hostConfig.NetworkMode.startsWith("container:")) return; // it has those of the other
  const endpoints = network?.endpoints ?? [];
  const own = endpoints.flatMap(addresses);
  const bridge = parts.networks.named("bridge")?.pools[0];
  const named = endpoints.some((endpoint) => endpoint.network.resolvesNames);
  const place = hostConfig.NetworkMode === "host" ? "host" : named ? "named" : "elsewhere";
  const of: NetworkFilesOf = {
    hostname: config.Hostname,
    domainname: config.Domainname,
    extraHosts: hostConfig.ExtraHosts ?? [],
    dns: hostConfig.Dns,
    dnsSearch: hostConfig.DnsSearch,
    dnsOptions: hostConfig.DnsOptions,
    resolvConfOfHost: hostResolvConf(),
    place,
    ipv6: own.some((ip) => ip.includes(":")),
    addresses: own,
    links: network === undefined ? [] : linkHosts(parts, container.record),
    hostGateway: endpoints[0]?.settings.Gateway || bridge?.gateway() || "127.0.0.1",
    ...place === "host" && { hostsOfHost: textIfThere("/etc/hosts") },
  };
  for (
    const [path, text] of [
      [folders.hostname, hostnameFile(of)],
      [folders.hosts, hostsFile(of)],
      [folders.resolvConf, resolvConfFile(of)],
    ] as const
  ) {
    Deno.writeTextFileSync(path, text, { mode: 0o644 });
  }
}
