import { textIfThere } from "../../base/text_if_there.ts";
import type { ContainerRecord } from "../container_record.ts";
import { hostnameFile, hostsFile, type NetworkFilesOf, resolvConfFile } from "../spec/network_files.ts";
import type { ContainerFolders } from "./folders.ts";

/** Writes /etc/hostname, /etc/hosts and /etc/resolv.conf of a container into its folder. */
export function writeNetworkFiles(folders: ContainerFolders, { config, hostConfig }: ContainerRecord): void {
  const of: NetworkFilesOf = {
    hostname: config.Hostname,
    domainname: config.Domainname,
    extraHosts: hostConfig.ExtraHosts ?? [],
    dns: hostConfig.Dns,
    dnsSearch: hostConfig.DnsSearch,
    dnsOptions: hostConfig.DnsOptions,
    resolvConfOfHost: textIfThere("/etc/resolv.conf"),
    ...hostConfig.NetworkMode === "host" && { hostsOfHost: textIfThere("/etc/hosts") },
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
