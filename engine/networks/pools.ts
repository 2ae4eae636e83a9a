import { invalid } from "../../base/errors.ts";
import { parseAddress } from "../../net/ipam/address.ts";
import type { AddressPool } from "../../net/ipam/pool.ts";
import { contains, parseSubnet } from "../../net/ipam/subnet.ts";
import type { Network } from "./network.ts";

/** The pool that an address belongs to. @throws `invalid` when the network has none that contains it */
export function poolOf(network: Network, ip: string): AddressPool {
  const address = parseAddress(ip);
  if (address === undefined) throw invalid(`invalid IP address: ${ip}`);
  const pool = network.pools.find(({ subnet }) => contains(parseSubnet(subnet), address));
  if (pool === undefined) throw invalid(`no configured subnet or ip-range contain the IP address ${ip}`);
  return pool;
}

/** Bits of the network part. */
export function prefixOf({ subnet }: AddressPool): number {
  return parseSubnet(subnet).prefix;
}

export function versionOf({ subnet }: AddressPool): 4 | 6 {
  return parseSubnet(subnet).version;
}
