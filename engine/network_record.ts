/** What the engine keeps about a network: this object, as a row of the database. */
import type { IpamPool } from "../base/docker/network.ts";

export interface NetworkRecord {
  /** 64 hex digits. */
  readonly id: string;
  readonly name: string;
  /** RFC 3339 with nanoseconds. */
  readonly created: string;
  readonly driver: NetworkDriver;
  /** No way out of it, and none in. */
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ipv6: boolean;
  /** Options for the driver, as the user gave them. */
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Complete: subnet and gateway of IPv4, then perhaps of IPv6. None for `host` and `null`. */
  readonly pools: readonly IpamPool[];
  /** The user has said which subnet, and so may say which addresses. */
  readonly chosenSubnet: boolean;
  /** Name of the bridge on the host; empty where there is none. */
  readonly bridge: string;
  /** The bridge is the administrator's own: it stays when the network goes. */
  readonly foreignBridge?: boolean;
}

/** `null` is Docker's name for what has loopback only. */
export type NetworkDriver = "bridge" | "host" | "null" | "macvlan" | "ipvlan";

/** The three that are always there. */
export const PREDEFINED: readonly string[] = ["bridge", "host", "none"];
