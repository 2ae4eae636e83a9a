/** Networks as Docker's Engine API v1.47 has them; the part that containers show. */

/** Where the host listens for a port of a container. */
export interface PortBinding {
  /** An address of the host; empty means all. */
  HostIp: string;
  /** A number, in a request also a range `8000-8010`; empty means any free one. */
  HostPort: string;
}

/** A container's place in one network; what a request leaves out is chosen by the engine. */
export interface EndpointSettings {
  /** Addresses that the request wants; null when it leaves them open. */
  IPAMConfig?: { IPv4Address?: string; IPv6Address?: string } | null;
  /** Docker's legacy links, `other:alias` each. */
  Links?: string[] | null;
  /** Further names that the network's DNS knows it by. */
  Aliases?: string[] | null;
  /** 64 hexadecimal digits; empty while it is not connected. */
  NetworkID?: string;
  /** 64 hexadecimal digits; empty while it is not connected. */
  EndpointID?: string;
  /** Address of the default route; empty where there is none. */
  Gateway?: string;
  /** Without the length of its prefix; empty where there is none. */
  IPAddress?: string;
  /** Bits of the network part; 0 where there is no address. */
  IPPrefixLen?: number;
  /** Address of the default route of IPv6; empty where there is none. */
  IPv6Gateway?: string;
  /** Without the length of its prefix; empty where there is none. */
  GlobalIPv6Address?: string;
  /** Bits of the network part; 0 where there is no address. */
  GlobalIPv6PrefixLen?: number;
  /** Six bytes, `02:42:ac:11:00:02`; empty where there is none. */
  MacAddress?: string;
  /** Options for the network's driver. */
  DriverOpts?: Record<string, string> | null;
  /** All names that the network's DNS knows it by. */
  DNSNames?: string[] | null;
}

/** The networks that a new container is to be connected to. */
export interface NetworkingConfig {
  /** By the network's name or id. */
  EndpointsConfig?: Record<string, EndpointSettings>;
}

/** Addresses and ports as `inspect` shows them; the single addresses are those in the default bridge. */
export interface NetworkSettings {
  /** Docker's older way to name the bridge; empty. */
  Bridge: string;
  /** Of the network namespace; empty where it has no name of its own. */
  SandboxID: string;
  /** Path at which the namespace is mounted; empty where it is not. */
  SandboxKey: string;
  /** Docker's leftover; always false. */
  HairpinMode: boolean;
  /** Exposed port (`80/tcp`) to where the host listens for it; null where it does not. */
  Ports: Record<string, PortBinding[] | null>;
  /** Docker's leftover; empty. */
  LinkLocalIPv6Address: string;
  /** Docker's leftover; 0. */
  LinkLocalIPv6PrefixLen: number;
  /** 64 hexadecimal digits; empty where it is not in the default bridge. */
  EndpointID: string;
  /** Address of the default route; empty where there is none. */
  Gateway: string;
  /** Without the length of its prefix; empty where there is none. */
  GlobalIPv6Address: string;
  /** Bits of the network part; 0 where there is no address. */
  GlobalIPv6PrefixLen: number;
  /** Without the length of its prefix; empty where there is none. */
  IPAddress: string;
  /** Bits of the network part; 0 where there is no address. */
  IPPrefixLen: number;
  /** Address of the default route of IPv6; empty where there is none. */
  IPv6Gateway: string;
  /** Six bytes, `02:42:ac:11:00:02`; empty where there is none. */
  MacAddress: string;
  /** By the network's name. */
  Networks: Record<string, EndpointSettings>;
}

/** Addresses of a network: one pool. */
export interface IpamPool {
  /** `172.20.0.0/16`. */
  Subnet?: string;
  /** The part of the subnet that addresses are chosen from, `172.20.10.0/24`. */
  IPRange?: string;
  /** The bridge's own address. */
  Gateway?: string;
  /** Addresses in the subnet that are somebody else's, by what they are for. */
  AuxiliaryAddresses?: Record<string, string>;
}

/** Where the addresses of a network come from. */
export interface Ipam {
  /** `default`, the only one. */
  Driver?: string;
  /** Options for the driver. */
  Options?: Record<string, string> | null;
  /** At most one pool of IPv4 and one of IPv6. */
  Config?: IpamPool[] | null;
}

/** A network that is to be made. */
export interface NetworkCreate {
  /** Free among the networks. */
  Name: string;
  /** `bridge`, `macvlan` or `ipvlan`. */
  Driver?: string;
  /** `local`, the only one. */
  Scope?: string;
  /** No way out of it. */
  Internal?: boolean;
  /** Containers may be connected by hand; always so. */
  Attachable?: boolean;
  /** Docker's swarm networks; refused. */
  Ingress?: boolean;
  /** With addresses of IPv6. */
  EnableIPv6?: boolean;
  /** Without: pools of the engine's own choice. */
  IPAM?: Ipam;
  /** Options for the driver: `com.docker.network.bridge.name`. */
  Options?: Record<string, string> | null;
  /** Free to use. */
  Labels?: Record<string, string> | null;
}

/** The answer to a request that made a network. */
export interface NetworkCreated {
  /** 64 hexadecimal digits. */
  Id: string;
  /** What the user should know. */
  Warning: string;
}

/** A container in a network, as the network shows it. */
export interface NetworkContainer {
  /** Of the container, without slash. */
  Name: string;
  /** 64 hexadecimal digits. */
  EndpointID: string;
  /** Six bytes, `02:42:ac:11:00:02`. */
  MacAddress: string;
  /** With the length of its prefix: `172.17.0.2/16`. */
  IPv4Address: string;
  /** The same for IPv6; empty where there is none. */
  IPv6Address: string;
}

/** All that is known of a network. */
export interface NetworkInspect {
  /** By which it is known, as by its id. */
  Name: string;
  /** 64 hexadecimal digits. */
  Id: string;
  /** RFC 3339 with nanoseconds. */
  Created: string;
  /** `local`. */
  Scope: string;
  /** `bridge`, `host`, `null`, `macvlan`, `ipvlan`. */
  Driver: string;
  /** Whether it has a pool of IPv6. */
  EnableIPv6: boolean;
  /** Where its addresses come from. */
  IPAM: { Driver: string; Options: Record<string, string> | null; Config: IpamPool[] };
  /** No way out of it, and none in. */
  Internal: boolean;
  /** Docker's word for "by hand, too"; kept and shown. */
  Attachable: boolean;
  /** Docker's swarm; false. */
  Ingress: boolean;
  /** Docker's swarm; empty. */
  ConfigFrom: { Network: string };
  /** Docker's swarm; false. */
  ConfigOnly: boolean;
  /** Those that run in it, by id. */
  Containers: Record<string, NetworkContainer>;
  /** For the driver, as the user gave them. */
  Options: Record<string, string>;
  /** The user's own. */
  Labels: Record<string, string>;
}

/** The networks that a prune has removed, by name. */
export interface NetworkPruneResult {
  /** Their names. */
  NetworksDeleted: string[];
}
