/** What the firewall is told: addresses and ports, nothing of containers. */

/** A bridge and what its containers may do. */
export interface FirewallNetwork {
  /** The bridge's interface. */
  readonly bridge: string;
  /** In CIDR notation; the families of these are the ones that rules are made for. */
  readonly subnets: readonly string[];
  /** No way out and no way in, but for the host itself. */
  readonly internal: boolean;
  /** Whether its containers may talk to each other; otherwise only as links say. */
  readonly icc: boolean;
  /** Whether what leaves it gets the host's address as its source. */
  readonly masquerade: boolean;
}

/** A port of the host that leads to a container. Both addresses are of one family: the other case is the proxy's. */
export interface FirewallPort {
  readonly bridge: string;
  readonly containerIp: string;
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp" | "sctp";
  /** `0.0.0.0`, `::` or one address of the host. */
  readonly hostIp: string;
  readonly hostPort: number;
}

/** What `--link` opens on a bridge without icc: one port of `to` for `from`. */
export interface FirewallLink {
  readonly bridge: string;
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly protocol: "tcp" | "udp" | "sctp";
}

/** Everything at once: what an engine that starts knows of the containers that run already. */
export interface FirewallState {
  readonly networks: readonly FirewallNetwork[];
  readonly ports: readonly FirewallPort[];
  readonly links: readonly FirewallLink[];
}

/** IPv4 and IPv6 have tables of their own. */
export type Family = 4 | 6;

/** The family of an address or a subnet. */
export function familyOf(address: string): Family {
  return address.includes(":") ? 6 : 4;
}
