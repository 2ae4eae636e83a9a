/** Subnets: what `172.17.0.0/16` means. */
import { invalid } from "../../base/errors.ts";
import { type Address, BITS, formatAddress, parseAddress } from "./address.ts";

export interface Subnet {
  /** Its first address in text: `172.17.0.0`. */
  readonly network: string;
  /** Bits of the network part. */
  readonly prefix: number;
  readonly version: 4 | 6;
  /** Its first and its last address as numbers. */
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * A subnet by its first address and its prefix.
 * @throws `invalid` with the sentence of Docker's daemon (api/types/network/ipam.go)
 */
export function parseSubnet(text: string): Subnet {
  const read = readCidr(text);
  if (read === undefined) throw invalid(`invalid subnet ${text}: invalid CIDR block notation`);
  if (!read.exact) throw invalid(`invalid subnet ${text}: it should be ${formatSubnet(read.subnet)}`);
  return read.subnet;
}

/** The subnet that any of its addresses and the prefix name; `exact` if it was the first one. */
export function readCidr(text: string): { subnet: Subnet; exact: boolean } | undefined {
  const [, address = "", bits = ""] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const parsed = parseAddress(address);
  if (parsed === undefined || Number(bits) > BITS[parsed.version]) return undefined;
  const subnet = subnetAt(parsed, Number(bits));
  return { subnet, exact: subnet.first === parsed.value };
}

/** The subnet of a size that an address lies in. */
export function subnetAt({ version, value }: Address, prefix: number): Subnet {
  const hosts = (1n << BigInt(BITS[version] - prefix)) - 1n;
  const first = value & ~hosts;
  return { network: formatAddress({ version, value: first }), prefix, version, first, last: first | hosts };
}

export function formatSubnet({ network, prefix }: Subnet): string {
  return `${network}/${prefix}`;
}

/** Whether an address, or all of another subnet, lies inside. */
export function contains(subnet: Subnet, inner: Address | Subnet): boolean {
  const { first, last } = "value" in inner ? { first: inner.value, last: inner.value } : inner;
  return subnet.version === inner.version && subnet.first <= first && last <= subnet.last;
}

/** Whether two subnets have an address in common. */
export function overlaps(one: Subnet, other: Subnet): boolean {
  return one.version === other.version && one.first <= other.last && other.first <= one.last;
}
