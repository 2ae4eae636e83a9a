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
