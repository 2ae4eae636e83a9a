/** Ports, networks and rules in short, for the unit tests of the firewall. */
import type { FirewallNetwork, FirewallPort } from "./firewall_data.ts";
import type { Ruleset } from "./rule.ts";

/** Port 8080 of every address of the host leads to port 80 of 172.17.0.2, unless told. */
export function port(changes: Partial<FirewallPort> = {}): FirewallPort {
  return {
    bridge: "br0",
    containerIp: "172.17.0.2",
    containerPort: 80,
    protocol: "tcp",
    hostIp: "0.0.0.0",
    hostPort: 8080,
    ...changes,
  };
}

/** The bridge br0 with 172.17.0.0/16, unless told. */
export function network(changes: Partial<FirewallNetwork> = {}): FirewallNetwork {
  return { bridge: "br0", subnets: ["172.17.0.0/16"], internal: false, icc: true, masquerade: true, ...changes };
}

/** A rule without its comment. */
export function bare(text: string): string {
  return text.replace(/(^| )-m comment --comment "[^"]*" /, "$1");
}

/** The rules of one chain, without their comments. */
export function rulesIn({ chains }: Ruleset, name: string): string[] {
  return chains.find((chain) => chain.name === name)?.rules.map(({ text }) => bare(text)) ?? [];
}
