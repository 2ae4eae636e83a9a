/** Subnets for networks whose user does not care: Docker's default pools, without what the host needs. */
import { invalid, unavailable } from "../../base/errors.ts";
import { BITS } from "./address.ts";
import { formatSubnet, overlaps, parseSubnet, readCidr, type Subnet, subnetAt } from "./subnet.ts";

export interface SubnetWish {
  readonly version: 4 | 6;
  /** Subnets of other networks. */
  readonly taken: readonly string[];
  /** Where the host's routes lead. */
  readonly routes: readonly string[];
  /** The one to take if it is free: the default bridge's 172.17.0.0/16, that no other network gets. */
  readonly wanted?: string;
  /** The network's id, that its subnet of IPv6 is derived from. */
  readonly id?: string;
  /** Is told of each subnet that is passed over because of a route of the host. */
  readonly onSkip?: (subnet: string, route: string) => void;
}

/** @throws `unavailable` with Docker's sentence when everything is taken */
export function chooseSubnet({ version, taken, routes, wanted, id = "", onSkip }: SubnetWish): string {
  const others = readAll(taken);
  for (const candidate of [...wanted === undefined ? [] : [wanted], ...version === 4 ? DEFAULTS : localOnes(id)]) {
    const subnet = parseSubnet(candidate);
    if (others.some((other) => overlaps(subnet, other))) continue;
    const way = overlappingRoute(subnet, routes);
    if (way === undefined) return candidate;
    onSkip?.(candidate, way);
  }
  throw unavailable(
    `could not find an available, non-overlapping IPv${version} address pool among the defaults to assign to the network`,
  );
}

/** 172.18.0.0/16 … 172.31.0.0/16, then 192.168.0.0/20 … 192.168.240.0/20. */
const DEFAULTS: readonly string[] = [
  ...Array.from({ length: 14 }, (_, index) => `172.${18 + index}.0.0/16`),
  ...Array.from({ length: 16 }, (_, index) => `192.168.${16 * index}.0/20`),
];

/**
 * Subnets of a site's own (RFC 4193): `fd`, 40 bits that no other site is likely to have, 16 that count its subnets.
 * The 40 bits are digits of the id, so the same network gets the same subnet again.
 */
function localOnes(id: string): string[] {
  if (!/^[\da-f]{16,}$/.test(id)) {
    throw invalid(`a subnet of IPv6 is derived from an id, not from ${JSON.stringify(id)}`);
  }
  const shift = BigInt(BITS[6] - 64);
  return Array.from({ length: id.length - 9 }, (_, start) => {
    const value = BigInt(`0xfd${id.slice(start, start + 10)}0000`) << shift;
    return formatSubnet(subnetAt({ version: 6, value }, 64));
  });
}

/**
 * The first route that leads to an address of the subnet. A default route (and the two halves of everything that a VPN
 * lays over it) leads everywhere, so it says nothing about what is in use.
 */
export function overlappingRoute(subnet: Subnet, routes: readonly string[]): string | undefined {
  const way = readAll(routes).find((route) => route.prefix > 1 && overlaps(subnet, route));
  return way && formatSubnet(way);
}

/** Those that can be read. */
function readAll(cidrs: readonly string[]): Subnet[] {
  return cidrs.flatMap((cidr) => readCidr(cidr)?.subnet ?? []);
}
