/** The door of the firewall: whatever passes here may be pasted into a rule. */
import ipaddr from "ipaddr.js";
import { internal, invalid } from "../../base/errors.ts";
import { familyOf, type FirewallLink, type FirewallNetwork, type FirewallPort } from "./firewall_data.ts";

/** @throws invalid for a bridge name that a rule could misread, or a subnet that is none */
export function checkNetwork({ bridge, subnets }: FirewallNetwork): void {
  // A final "+" would match every interface that begins so (iptables(8)).
  if (!/^[A-Za-z0-9_.][A-Za-z0-9_.-]{0,14}$/.test(bridge)) throw invalid(`invalid bridge name: "${bridge}"`);
  const bad = subnets.find((subnet) => !ipaddr.isValidCIDR(subnet));
  if (bad !== undefined) throw invalid(`invalid CIDR address: ${bad}`);
}

/** @throws internal: by now addresses and ports have been checked by whoever chose them */
export function checkPort({ protocol, hostIp, hostPort, containerIp, containerPort }: FirewallPort): void {
  const mapping = `${hostIp}:${hostPort} to ${containerIp}:${containerPort}/${protocol}`;
  if (![hostIp, containerIp].every(ipaddr.isValid) || ![hostPort, containerPort].every(isPort)) {
    throw internal(`no firewall rule can be made of ${mapping}`);
  }
  if (familyOf(hostIp) !== familyOf(containerIp)) {
    throw internal(`the firewall cannot translate between IPv4 and IPv6: ${mapping}`);
  }
}

/** @throws internal, as above */
export function checkLink({ from, to, port, protocol }: FirewallLink): void {
  if (![from, to].every(ipaddr.isValid) || !isPort(port) || familyOf(from) !== familyOf(to)) {
    throw internal(`no firewall rule can be made of a link from ${from} to ${to}:${port}/${protocol}`);
  }
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65536;
}
