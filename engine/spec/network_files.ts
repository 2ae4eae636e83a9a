/** The three files of Docker in /etc that describe the container's place in the network. */

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
  readonly resolvConfOfHost: string;
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

export function hostsFile({ extraHosts, hostsOfHost }: NetworkFilesOf): string {
  const extra = extraHosts.map((entry) => {
    const at = entry.search(/[:=]/);
    return `${entry.slice(at + 1)}\t${entry.slice(0, at)}`;
  });
  const base = hostsOfHost === undefined ? LOCAL : [hostsOfHost.trimEnd()];
  return [...base, ...extra].join("\n") + "\n";
}

/** The host's resolv.conf with what the request replaces. */
export function resolvConfFile({ dns, dnsSearch, dnsOptions, resolvConfOfHost }: NetworkFilesOf): string {
  const host = resolvConfOfHost.split("\n").map((line) => line.trim());
  const kept = (keyword: string) =>
    host.filter((line) => line.startsWith(`${keyword} `) || line.startsWith(`${keyword}\t`));
  const lines = [
    ...dns.length > 0 ? dns.map((address) => `nameserver ${address}`) : kept("nameserver"),
    ...dnsSearch.length > 0
      ? dnsSearch.includes(".") ? [] : [`search ${dnsSearch.join(" ")}`]
      : [...kept("search"), ...kept("domain")],
    ...dnsOptions.length > 0 ? [`options ${dnsOptions.join(" ")}`] : kept("options"),
  ];
  return lines.join("\n") + "\n";
}
