/** From a request to the networks that a container will be in. */
import type { ContainerCreate } from "../../base/docker/container.ts";
import type { HostConfig } from "../../base/docker/host_config.ts";
import type { EndpointSettings, NetworkSettings } from "../../base/docker/network.ts";
import { conflict, invalid } from "../../base/errors.ts";
import { parseMac } from "../../net/mac.ts";
import type { Network } from "./network.ts";
import { poolOf } from "./pools.ts";
import type { NetworkRegistry } from "./network_registry.ts";

/** Whether the container has a network stack of its own that is in networks: not `none`, `host` or another's. */
export function isNetworked(mode: string): boolean {
  return mode !== "none" && mode !== "host" && !mode.startsWith("container:");
}

/** The name by which `inspect` and the registry know what a mode means. */
function networkOfMode(mode: string): string {
  return mode === "default" ? "bridge" : mode;
}

/**
 * What `inspect` will show of a container that does not run: the networks that it wants to be in, in order, the one of
 * its mode first. @throws `not_found` for a network, `invalid` and `conflict` for wishes that it cannot fulfil.
 */
export function wishedSettings(
  networks: NetworkRegistry,
  request: ContainerCreate,
  { NetworkMode: mode, Links }: HostConfig,
): NetworkSettings {
  const wishes = request.NetworkingConfig?.EndpointsConfig ?? {};
  if (mode.startsWith("container:")) {
    if (Object.keys(wishes).length > 0) {
      throw conflict("conflicting options: a container's network and another network");
    }
    return settingsWith({});
  }
  const first = networks.get(networkOfMode(mode));
  const wanted = new Map<Network, EndpointSettings>([[first, {}]]);
  for (const [name, wish] of Object.entries(wishes)) {
    const network = name === "default" ? first : networks.get(name);
    wanted.set(network, wish ?? {});
  }
  if (first.resolvesNames && Links?.length) wanted.set(first, { ...wanted.get(first), Links });
  if (wanted.size > 1 && !isNetworked(mode)) {
    throw invalid(`conflicting options: cannot attach both user-defined and non-user-defined network-modes`);
  }
  const shown: Record<string, EndpointSettings> = {};
  for (const [network, wish] of wanted) shown[network.name] = checkedWish(network, wish);
  return settingsWith(shown);
}

/** What a container wishes of a network, with nothing that only a running one has. @throws `invalid` in Docker's words */
export function checkedWish(network: Network, wish: EndpointSettings): EndpointSettings {
  const { IPAMConfig, Aliases, Links, MacAddress, DriverOpts } = wish;
  const { IPv4Address, IPv6Address } = IPAMConfig ?? {};
  const { driver, chosenSubnet } = network.record;
  if ((IPv4Address || IPv6Address) && network.predefined) {
    throw invalid("user specified IP address is supported on user defined networks only");
  }
  if ((IPv4Address || IPv6Address) && !chosenSubnet) {
    throw invalid(
      "user specified IP address is supported only when connecting to networks with user configured subnets",
    );
  }
  for (const ip of [IPv4Address, IPv6Address]) {
    if (ip) poolOf(network, ip);
  }
  if (MacAddress && driver === "ipvlan") {
    throw invalid("ipvlan interfaces do not support custom mac address assignment");
  }
  if (Aliases?.length && network.predefined && driver === "bridge") {
    throw invalid("network-scoped alias is supported only for containers in user defined networks");
  }
  return {
    ...notConnected(network),
    IPAMConfig: IPv4Address || IPv6Address ? { ...IPAMConfig } : null,
    Links: Links ?? null,
    Aliases: Aliases ?? null,
    ...MacAddress && { MacAddress: parseMac(MacAddress) },
    DriverOpts: DriverOpts ?? null,
  };
}

/** A place in a network that is not taken now. */
export function notConnected({ id }: Pick<Network, "id">): EndpointSettings {
  return {
    NetworkID: id,
    EndpointID: "",
    Gateway: "",
    IPAddress: "",
    IPPrefixLen: 0,
    IPv6Gateway: "",
    GlobalIPv6Address: "",
    GlobalIPv6PrefixLen: 0,
    MacAddress: "",
    DNSNames: null,
  };
}

/** The settings of a container in these networks; the addresses of the default bridge stand for the container's. */
export function settingsWith(
  networks: Record<string, EndpointSettings>,
  ports: NetworkSettings["Ports"] = {},
): NetworkSettings {
  const { bridge } = networks;
  return {
    Bridge: "",
    SandboxID: "",
    SandboxKey: "",
    HairpinMode: false,
    Ports: ports,
    LinkLocalIPv6Address: "",
    LinkLocalIPv6PrefixLen: 0,
    EndpointID: bridge?.EndpointID ?? "",
    Gateway: bridge?.Gateway ?? "",
    GlobalIPv6Address: bridge?.GlobalIPv6Address ?? "",
    GlobalIPv6PrefixLen: bridge?.GlobalIPv6PrefixLen ?? 0,
    IPAddress: bridge?.IPAddress ?? "",
    IPPrefixLen: bridge?.IPPrefixLen ?? 0,
    IPv6Gateway: bridge?.IPv6Gateway ?? "",
    MacAddress: bridge?.MacAddress ?? "",
    Networks: networks,
  };
}
