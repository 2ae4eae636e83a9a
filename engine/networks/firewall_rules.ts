/** From networks and endpoints to the plain data of the firewall. */
import type { FirewallNetwork, FirewallPort, FirewallState } from "../../net/firewall/firewall_data.ts";
import type { PublishedPort } from "../../net/ports/published_port.ts";
import type { Container } from "../containers/container.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Network } from "./network.ts";

/** What holds for a bridge; undefined for a network that has none. */
export function networkRules(network: Network): FirewallNetwork | undefined {
  const { record } = network;
  if (record.driver !== "bridge") return undefined;
  return {
    bridge: record.bridge,
    subnets: record.pools.map(({ Subnet = "" }) => Subnet),
    internal: record.internal,
    icc: network.flag("bridge.enable_icc", true),
    masquerade: network.flag("bridge.enable_ip_masquerade", true),
  };
}

/** Where a published port leads; nowhere if the container has no address of its family. */
export function portRules({ network, settings }: Endpoint, port: PublishedPort): FirewallPort[] {
  const containerIp = port.hostIp.includes(":") ? settings.GlobalIPv6Address : settings.IPAddress;
  if (!containerIp || network.record.bridge === "" || port.hostIp === "::1") return [];
  const { protocol, containerPort, hostIp, hostPort } = port;
  return [{ bridge: network.record.bridge, containerIp, containerPort, protocol, hostIp, hostPort }];
}

/** The rules of all containers that run. */
export function rulesInForce(containers: Iterable<Container>): FirewallState {
  const networks = new Map<Network, FirewallNetwork>();
  const ports: FirewallPort[] = [];
  const links: FirewallState["links"][number][] = [];
  for (const { network } of containers) {
    for (const { network: one } of network?.endpoints ?? []) {
      const rules = networkRules(one);
      if (rules !== undefined) networks.set(one, rules);
    }
    ports.push(...network?.rules.ports ?? []);
    links.push(...network?.rules.links ?? []);
  }
  return { networks: [...networks.values()], ports, links };
}
