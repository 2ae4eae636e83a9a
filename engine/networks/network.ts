import { AddressPool } from "../../net/ipam/pool.ts";
import { type NetworkRecord, PREDEFINED } from "../network_record.ts";

/** One network: its record, and which of its addresses are taken. */
export class Network {
  readonly record: NetworkRecord;
  /** Of IPv4 first. */
  readonly pools: readonly AddressPool[];

  constructor(record: NetworkRecord) {
    this.record = record;
    this.pools = record.pools.map(({ Subnet = "", IPRange, Gateway, AuxiliaryAddresses }) =>
      new AddressPool(Subnet, {
        owner: `${record.name} (${record.id.slice(0, 12)})`,
        reserved: Object.values(AuxiliaryAddresses ?? {}),
        ...IPRange !== undefined && { range: IPRange },
        ...Gateway !== undefined && { gateway: Gateway },
      })
    );
  }

  get id(): string {
    return this.record.id;
  }

  get name(): string {
    return this.record.name;
  }

  get predefined(): boolean {
    return PREDEFINED.includes(this.record.name);
  }

  /** Containers find each other by name in networks that a user has made, and in no others. */
  get resolvesNames(): boolean {
    return !this.predefined;
  }

  option(name: string): string | undefined {
    return this.record.options[`com.docker.network.${name}`];
  }

  /** An option that is on or off. */
  flag(name: string, otherwise: boolean): boolean {
    const value = this.option(name);
    return value === undefined ? otherwise : ["1", "t", "T", "true", "TRUE", "True"].includes(value);
  }

  /** Bytes of a packet. */
  get mtu(): number {
    return Number(this.option("driver.mtu") ?? 1500);
  }
}
