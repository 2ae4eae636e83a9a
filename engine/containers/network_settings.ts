import type { NetworkSettings } from "../../base/docker/network.ts";

/** What `inspect` shows of a container that has no address. */
export function noNetworkSettings(mode: string): NetworkSettings {
  const name = mode === "host" ? "host" : "none";
  return {
    Bridge: "",
    SandboxID: "",
    SandboxKey: "",
    HairpinMode: false,
    Ports: {},
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    EndpointID: "",
    Gateway: "",
    GlobalIPv6Address: "",
    GlobalIPv6PrefixLen: 0,
    IPAddress: "",
    IPPrefixLen: 0,
    IPv6Gateway: "",
    MacAddress: "",
    Networks: mode.startsWith("container:") ? {} : { [name]: noEndpoint() },
  };
}

function noEndpoint() {
  return {
    IPAMConfig: null,
    Links: null,
    Aliases: null,
    NetworkID: "",
    EndpointID: "",
    Gateway: "",
    IPAddress: "",
    IPPrefixLen: 0,
    IPv6Gateway: "",
    GlobalIPv6Address: "",
    GlobalIPv6PrefixLen: 0,
    MacAddress: "",
    DriverOpts: null,
    DNSNames: null,
  };
}
