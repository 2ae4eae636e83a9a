/** Published ports and links as rules. */
import { type Family, familyOf, type FirewallLink, type FirewallPort } from "./firewall_data.ts";
import { type Rule, rule } from "./rule.ts";

/** Ports of the host that lead to the same ports of one container. */
interface PortRange extends FirewallPort {
  /** The last one; the container's are the same numbers if it is not the first. */
  readonly lastPort: number;
}

/**
 * The translations of published ports: those that everybody may use, and those of 127.0.0.0/8, which only the host
 * itself may: they hang in OUTPUT alone, so that a neighbour's packet to 127.0.0.1 never meets one (CVE-2020-8558).
 */
export function portRules(prefix: string, ports: readonly FirewallPort[]): { everybody: Rule[]; host: Rule[] } {
  const everybody: Rule[] = [], host: Rule[] = [];
  for (const range of ranges(ports)) {
    (isLoopback(range.hostIp) ? host : everybody).push(translation(prefix, range));
  }
  return { everybody, host };
}

function translation(prefix: string, range: PortRange): Rule {
  const { protocol, hostIp, hostPort, lastPort, containerIp, containerPort } = range;
  const last = lastPort > hostPort ? lastPort : undefined;
  const host = familyOf(hostIp) === 6 ? `[${hostIp}]` : hostIp;
  const to = familyOf(containerIp) === 6 ? `[${containerIp}]` : containerIp;
  return rule({
    prefix,
    purpose: `publishes ${host}:${last === undefined ? hostPort : `${hostPort}-${last}`}/${protocol}`,
    match: `${destination(hostIp)}-p ${protocol} -m ${protocol} --dport ${hostPort}${
      last === undefined ? "" : `:${last}`
    }`,
    // Without a port the port stays as it is (iptables-extensions(8)).
    target: `DNAT --to-destination ${last === undefined ? `${to}:${containerPort}` : containerIp}`,
  });
}

/**
 * IPv6 has no route_localnet, and a link-local source cannot be forwarded (RFC 4291, 2.5.6): for such packets a proxy may
 * listen on the host.
 */
function destination(hostIp: string): string {
  if (hostIp === "0.0.0.0") return "";
  return hostIp === "::" ? "! -s fe80::/10 ! -d ::1/128 " : `-d ${hostIp} `;
}

function isLoopback(ip: string): boolean {
  return ip.startsWith("127.") || ip === "::1";
}

/** `-p 8000-8999:8000-8999` is one rule, not a thousand. */
function ranges(ports: readonly FirewallPort[]): PortRange[] {
  const key = ({ protocol, hostIp, containerIp }: FirewallPort) => `${protocol} ${hostIp} ${containerIp}`;
  const sorted = [...ports].sort((a, b) => compare(key(a), key(b)) || a.hostPort - b.hostPort);
  const found: PortRange[] = [];
  for (const port of sorted) {
    const before = found.at(-1);
    const goesOn = before !== undefined && key(before) === key(port) && before.lastPort + 1 === port.hostPort &&
      before.hostPort === before.containerPort && port.hostPort === port.containerPort;
    if (goesOn) found[found.length - 1] = { ...before, lastPort: port.hostPort };
    else found.push({ ...port, lastPort: port.hostPort });
  }
  return found;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** What links open where containers may not talk to each other. */
export function linkRules(prefix: string, links: readonly FirewallLink[]): Rule[] {
  return links.map(({ bridge, from, to, port, protocol }) =>
    rule({
      prefix,
      purpose: `links ${from} to ${to}`,
      match: `-s ${from} -d ${to} -i ${bridge} -o ${bridge} -p ${protocol} -m ${protocol} --dport ${port}`,
      target: "ACCEPT",
    })
  );
}

/** Those of one family. */
export function ofFamily(family: Family, { ports, links }: {
  readonly ports: readonly FirewallPort[];
  readonly links: readonly FirewallLink[];
}): { ports: FirewallPort[]; links: FirewallLink[] } {
  return {
    ports: ports.filter(({ containerIp }) => familyOf(containerIp) === family),
    links: links.filter(({ to }) => familyOf(to) === family),
  };
}
