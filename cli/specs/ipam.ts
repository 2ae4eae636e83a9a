/** `--subnet`, `--ip-range`, `--gateway` and `--aux-address` of `network create` as pools: each belongs to a subnet. */
import type { IpamPool } from "../../base/docker/network.ts";
import { invalid } from "../../base/errors.ts";
import { addressNumber, parseCidr } from "./address.ts";

export interface PoolFlags {
  readonly subnets: readonly string[];
  readonly ranges: readonly string[];
  readonly gateways: readonly string[];
  /** Address by what it is for. */
  readonly auxiliary: Readonly<Record<string, string>>;
}

/** A pool for each subnet; the engine checks the rest. @throws `invalid` with docker's sentences. */
export function parsePools({ subnets, ranges, gateways, auxiliary }: PoolFlags): IpamPool[] {
  if (subnets.length < ranges.length || subnets.length < gateways.length) {
    throw invalid("every ip-range or gateway must have a corresponding subnet");
  }
  const pools: IpamPool[] = [];
  for (const subnet of subnets) {
    const overlaps = (other: string) => holds(other, addressOf(subnet)) || holds(subnet, addressOf(other));
    if (pools.some(({ Subnet = "" }) => overlaps(Subnet))) {
      throw invalid("multiple overlapping subnet configuration is not supported");
    }
    pools.push({ Subnet: subnet });
  }
  const poolOf = (address: string) => pools.find(({ Subnet = "" }) => holds(Subnet, address));
  for (const range of ranges) {
    if (parseCidr(range) === undefined) throw invalid(`invalid CIDR address: ${range}`);
    const pool = poolOf(addressOf(range));
    if (pool === undefined) throw invalid(`no matching subnet for range ${range}`);
    if (pool.IPRange !== undefined) {
      throw invalid(`cannot configure multiple ranges (${range}, ${pool.IPRange}) on the same subnet (${pool.Subnet})`);
    }
    pool.IPRange = range;
  }
  for (const gateway of gateways) {
    const pool = poolOf(addressOf(gateway));
    if (pool === undefined) throw invalid(`no matching subnet for gateway ${gateway}`);
    if (pool.Gateway !== undefined) {
      const both = `${gateway}, ${pool.Gateway}`;
      throw invalid(`cannot configure multiple gateways (${both}) for the same subnet (${pool.Subnet})`);
    }
    pool.Gateway = gateway;
  }
  for (const [name, address] of Object.entries(auxiliary)) {
    const pool = poolOf(addressOf(address));
    if (pool === undefined) throw invalid(`no matching subnet for aux-address ${address}`);
    pool.AuxiliaryAddresses = { ...pool.AuxiliaryAddresses, [name]: address };
  }
  return pools;
}

/** Of `10.0.0.1/24` the address. */
function addressOf(text: string): string {
  return text.replace(/\/.*$/, "");
}

function holds(subnet: string, address: string): boolean {
  const block = parseCidr(subnet);
  if (block === undefined) throw invalid(`invalid subnet: invalid CIDR address: ${subnet}`);
  const number = addressNumber(address);
  return number !== undefined && number >> BigInt(block.bits) === block.base >> BigInt(block.bits);
}
