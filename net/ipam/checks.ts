/**
 * What `network create` may ask of addresses; all that is wrong is told at once, in the sentences of Docker's daemon
 * (api/types/network/ipam.go).
 */
import type { IpamPool } from "../../base/docker/network.ts";
import { forbidden, invalid } from "../../base/errors.ts";
import { type Address, formatAddress, parseAddress } from "./address.ts";
import { boundaries } from "./pool.ts";
import { contains, formatSubnet, overlaps, parseSubnet, readCidr, type Subnet } from "./subnet.ts";

/** A pool that makes sense, its texts in their one form; it is what an AddressPool is made of. */
interface CheckedPool {
  readonly version: 4 | 6;
  readonly subnet: string;
  readonly range?: string;
  readonly gateway?: string;
  /** The auxiliary addresses. */
  readonly reserved: readonly string[];
}

/**
 * Checks the pools of a network that is to be made.
 * @param taken the subnets of the other networks
 * @throws `invalid` for what makes no sense, `forbidden` for what is somebody else's
 */
export function checkPools(pools: readonly IpamPool[], taken: readonly string[]): CheckedPool[] {
  const wrong = pools.flatMap(faults);
  if (wrong.length > 0) {
    throw invalid(
      `invalid network config:\n${wrong.length === 1 ? wrong[0] : wrong.map((it) => `* ${it}`).join("\n")}`,
    );
  }
  const subnets = pools.map(({ Subnet = "" }) => parseSubnet(Subnet));
  const others = taken.flatMap((cidr) => readCidr(cidr)?.subnet ?? []);
  for (const [index, subnet] of subnets.entries()) {
    if ([...others, ...subnets.slice(0, index)].some((other) => overlaps(subnet, other))) {
      throw forbidden("invalid pool request: Pool overlaps with other one on this address space");
    }
  }
  if (new Set(subnets.map(({ version }) => version)).size < subnets.length) {
    throw forbidden("bridge driver doesn't support multiple subnets");
  }
  return pools.map(checked);
}

/** One sentence for each thing that is wrong with a pool. */
function faults({ Subnet = "", IPRange, Gateway, AuxiliaryAddresses }: IpamPool): string[] {
  const read = readCidr(Subnet);
  if (read === undefined) return [`invalid subnet ${Subnet}: invalid CIDR block notation`];
  const { subnet, exact } = read;
  return [
    ...exact ? [] : [`invalid subnet ${Subnet}: it should be ${formatSubnet(subnet)}`],
    ...rangeFaults(IPRange, subnet),
    ...addressFault(Gateway, subnet).map((why) => `invalid gateway ${Gateway}: ${why}`),
    ...Object.entries(AuxiliaryAddresses ?? {}).flatMap(([name, address]) =>
      addressFault(address, subnet).map((why) => `invalid auxiliary address ${name}: ${why}`)
    ),
  ];
}

function rangeFaults(text: string | undefined, parent: Subnet): string[] {
  if (!text) return [];
  const read = readCidr(text);
  const refused = (why: string) => `invalid ip-range ${text}: ${why}`;
  if (read === undefined) return [refused("invalid CIDR block notation")];
  const { subnet, exact } = read;
  if (subnet.version !== parent.version) return [refused(`parent subnet is an IPv${parent.version} block`)];
  const whole = formatSubnet(parent);
  return [
    ...subnet.prefix < parent.prefix ? [refused(`CIDR block is bigger than its parent subnet ${whole}`)] : [],
    ...exact ? [] : [refused(`it should be ${formatSubnet(subnet)}`)],
    ...overlaps(parent, subnet) ? [] : [refused(`parent subnet ${whole} doesn't contain ip-range`)],
  ];
}

function addressFault(text: string | undefined, parent: Subnet): string[] {
  if (!text) return [];
  const address = parseAddress(text);
  if (address === undefined) return ["invalid address"];
  if (address.version !== parent.version) return [`parent subnet is an IPv${parent.version} block`];
  return contains(parent, address) ? [] : [`parent subnet ${formatSubnet(parent)} doesn't contain this address`];
}

/** Stands for what faults() has refused already. */
const NOWHERE: Address = { version: 4, value: 0n };

/** The pool in its one form. No two may have one address: neither the network itself, nor gateway, nor the others. */
function checked({ Subnet = "", IPRange, Gateway, AuxiliaryAddresses }: IpamPool): CheckedPool {
  const subnet = parseSubnet(Subnet);
  const used = new Set(boundaries(subnet));
  const take = (text: string, what: string): string => {
    const { value } = parseAddress(text) ?? NOWHERE;
    if (used.has(value)) throw forbidden(`failed to allocate ${what}: Address already in use`);
    used.add(value);
    return formatAddress({ version: subnet.version, value });
  };
  const gateway = Gateway ? take(Gateway, `gateway (${Gateway})`) : undefined;
  const reserved = Object.entries(AuxiliaryAddresses ?? {}).filter(([, address]) => address !== "")
    .map(([name, address]) => take(address, `secondary ip address (${name}:${address})`));
  return {
    version: subnet.version,
    subnet: formatSubnet(subnet),
    ...IPRange && { range: formatSubnet(parseSubnet(IPRange)) },
    ...gateway !== undefined && { gateway },
    reserved,
  };
}
