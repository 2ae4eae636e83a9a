/** Which subnets a network has: those that the user wants, else some that nobody else on this host has. */
import type { IpamPool } from "../../base/docker/network.ts";
import { describeError } from "../../base/errors.ts";
import { chooseSubnet, overlappingRoute } from "../../net/ipam/default_pools.ts";
import { AddressPool } from "../../net/ipam/pool.ts";
import { parseSubnet } from "../../net/ipam/subnet.ts";
import type { Parts } from "../parts.ts";
import type { Network } from "./network.ts";

/** Subnets that are spoken for: those of other networks, of this engine's choice or of a user's. */
export function takenSubnets({ networks }: Parts): string[] {
  return [...networks].flatMap(subnetsOf);
}

function subnetsOf({ pools }: Network): string[] {
  return pools.map(({ subnet }) => subnet);
}

/** Chooses what the user left open: subnets that no route of the host overlaps, the first address as gateway. */
export function completePools(parts: Parts, id: string, asked: readonly IpamPool[], ipv6: boolean): IpamPool[] {
  const pools = asked.map((pool) => ({ ...pool }));
  const has = (version: 4 | 6) => pools.some(({ Subnet = "" }) => parseSubnet(Subnet).version === version);
  const choose = (version: 4 | 6) =>
    chooseSubnet({
      taken: takenSubnets(parts),
      routes: hostRoutes(parts),
      version,
      ...version === 6 && { id },
      onSkip: (subnet, route) =>
        parts.log(`the default subnet ${subnet} is passed over: a route of this host (${route}) overlaps`),
    });
  if (!has(4)) pools.unshift({ Subnet: choose(4) });
  if (ipv6 && !has(6)) pools.push({ Subnet: choose(6) });
  return pools.map((pool) => ({ ...pool, Gateway: pool.Gateway || gatewayOf(pool) }));
}

function gatewayOf({ Subnet = "", IPRange, AuxiliaryAddresses }: IpamPool): string {
  const reserved = Object.values(AuxiliaryAddresses ?? {});
  return new AddressPool(Subnet, { reserved, ...IPRange && { range: IPRange } }).gateway();
}

/** The subnets that the host has routes to, but for the default route. */
export function hostRoutes({ host }: Parts): string[] {
  return host.routes.routes().map(({ to }) => to).filter((to) => to !== "default");
}

/**
 * The network as it is to be made. As long as its bridge is not there, another (a VPN, a second engine) may take the subnet
 * that was chosen for it; it moves out of the way then, if there is a place to go to.
 */
export function besideOthers(parts: Parts, network: Network): Network {
  const { record } = network;
  if (record.driver !== "bridge" || record.chosenSubnet || parts.host.routes.link(record.bridge)) return network;
  const inUse = [...parts.containers].some((other) => other.network?.endpoints.some((one) => one.network === network));
  if (inUse) return network; // somebody has deleted the bridge by hand
  const routes = hostRoutes(parts);
  const route = subnetsOf(network).map((subnet) => overlappingRoute(parseSubnet(subnet), routes)).find(Boolean);
  if (route === undefined) return network;
  try {
    const moved = parts.networks.add({ ...record, pools: completePools(parts, record.id, [], record.ipv6) });
    parts.log(`network ${record.name} moves to ${subnetsOf(moved)}: a route of this host (${route}) overlaps`);
    return moved;
  } catch (error) {
    parts.log(
      `network ${record.name} stays at ${subnetsOf(network)} beside the route ${route}: ${describeError(error)}`,
    );
    return network;
  }
}
