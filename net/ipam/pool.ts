import { forbidden, invalid, unavailable } from "../../base/errors.ts";
import { type Address, formatAddress, parseAddress } from "./address.ts";
import { contains, formatSubnet, parseSubnet, type Subnet } from "./subnet.ts";

export interface PoolOptions {
  /** The part of the subnet that addresses are chosen from; all of it unless told. */
  readonly range?: string;
  /** The bridge's own address; the first of the range that is nobody's unless told, as Docker has it. */
  readonly gateway?: string;
  /** Addresses that are somebody else's. */
  readonly reserved?: readonly string[];
  /** Whose pool it is, for the sentence that says it is empty: `my-net (3f2a…)`. */
  readonly owner?: string;
}

/** Addresses are counted in blocks of so many bits, so that a full block is passed over in one step. */
const BLOCK_BITS = 8n;
const BLOCK = 1 << Number(BLOCK_BITS);

/**
 * The addresses of one subnet, and who has them: each is given once until it comes back.
 *
 * The next one given is the next free one after the last one given. So an address rests as long as possible before it
 * is somebody else's: connections and ARP entries of its last owner are gone by then.
 */
export class AddressPool {
  /** How many addresses of the range can be given at all. */
  readonly size: number;
  readonly #subnet: Subnet;
  /** The part that addresses are chosen from. */
  readonly #range: Subnet;
  readonly #owner: string | undefined;
  readonly #gateway: bigint;
  /** Never given and never taken back: the network's own, the gateway's, those reserved. */
  readonly #fixed: ReadonlySet<bigint>;
  readonly #taken = new Set<bigint>();
  /** Block to how many of it are taken. */
  readonly #blocks = new Map<bigint, number>();
  /** Free ones in the range; a /64 has more than a number can count. */
  #free: bigint;
  #last: bigint;

  /**
   * @throws `invalid`, `forbidden`, `unavailable`: with Docker's sentences, for what {@link checkPools} would refuse
   */
  constructor(subnet: string, { range, gateway, reserved = [], owner }: PoolOptions = {}) {
    this.#subnet = parseSubnet(subnet);
    this.#range = range === undefined ? this.#subnet : parseSubnet(range);
    if (!contains(this.#subnet, this.#range)) {
      throw invalid(`invalid ip-range ${range}: parent subnet ${subnet} doesn't contain ip-range`);
    }
    this.#owner = owner;
    this.#free = this.#range.last - this.#range.first + 1n;
    this.#last = this.#range.first - 1n;
    for (const value of boundaries(this.#subnet)) this.#take(value);
    for (const text of reserved) this.#take(this.#inSubnet(text).value);
    this.#gateway = gateway === undefined ? this.#next() : this.#inSubnet(gateway).value;
    if (this.#taken.has(this.#gateway)) {
      throw forbidden(`failed to allocate gateway (${gateway}): Address already in use`);
    }
    this.#take(this.#gateway);
    this.#fixed = new Set(this.#taken);
    this.size = this.free;
  }

  get subnet(): string {
    return formatSubnet(this.#subnet);
  }

  gateway(): string {
    return this.#text(this.#gateway);
  }

  /** How many of {@link size} are free now. */
  get free(): number {
    return Number(this.#free);
  }

  /** The next free address. @throws `unavailable` when there is none */
  allocate(): string {
    this.#last = this.#next();
    this.#take(this.#last);
    return this.#text(this.#last);
  }

  /**
   * Takes one particular address; it may lie outside of the range.
   * @throws `invalid` when it is not in the subnet, `forbidden` (as Docker has it) when it is in use
   */
  claim(ip: string): void {
    const { value } = this.#inSubnet(ip);
    if (this.#taken.has(value)) throw forbidden("Address already in use");
    this.#take(value);
  }

  /** Gives an address back; one that nobody has is none of our business. */
  release(ip: string): void {
    const address = parseAddress(ip);
    if (address === undefined || !contains(this.#subnet, address) || this.#fixed.has(address.value)) return;
    if (!this.#taken.delete(address.value)) return;
    this.#count(address.value, -1);
  }

  #take(value: bigint): void {
    if (this.#taken.has(value)) return;
    this.#taken.add(value);
    this.#count(value, 1);
  }

  #count(value: bigint, change: 1 | -1): void {
    const block = value >> BLOCK_BITS;
    const taken = (this.#blocks.get(block) ?? 0) + change;
    if (taken === 0) this.#blocks.delete(block);
    else this.#blocks.set(block, taken);
    if (this.#range.first <= value && value <= this.#range.last) this.#free -= BigInt(change);
  }

  #next(): bigint {
    if (this.#free === 0n) throw this.#empty();
    for (let value = this.#last + 1n;;) {
      const block = value >> BLOCK_BITS;
      if (value > this.#range.last) value = this.#range.first;
      else if (this.#blocks.get(block) === BLOCK) value = (block + 1n) << BLOCK_BITS;
      else if (this.#taken.has(value)) value++;
      else return value;
    }
  }

  #empty(): Error {
    const pools = `no available IPv${this.#subnet.version} addresses on this network's address pools`;
    return unavailable(`${pools}: ${this.#owner ?? formatSubnet(this.#range)}`);
  }

  #inSubnet(ip: string): Address {
    const address = parseAddress(ip);
    if (address === undefined) throw invalid(`invalid IPv${this.#subnet.version} address: ${ip}`);
    if (!contains(this.#subnet, address)) {
      throw invalid(`no configured subnet or ip-range contain the IP address ${ip}`);
    }
    return address;
  }

  #text(value: bigint): string {
    return formatAddress({ version: this.#subnet.version, value });
  }
}

/**
 * Addresses of a subnet that no machine may have: the network's own and the broadcast address of IPv4 (not in a
 * point-to-point link, RFC 3021), the routers' anycast address of IPv6 (RFC 4291 2.6.1; not in one either, RFC 6164).
 */
export function boundaries({ version, first, last }: Subnet): bigint[] {
  if (last - first < 2n) return [];
  return version === 4 ? [first, last] : [first];
}
