import type { Filters } from "../../base/container_engine.ts";
import type { NetworkContainer, NetworkInspect } from "../../base/docker/network.ts";
import { invalid } from "../../base/errors.ts";
import { hasLabel } from "../../base/labels.ts";
import { parseBool } from "../../base/parse_bool.ts";
import type { Parts } from "../parts.ts";
import type { Network } from "./network.ts";

/** `GET /networks/{id}`: the network, and who runs in it. */
export function inspectNetwork({ containers }: Pick<Parts, "containers">, { record }: Network): NetworkInspect {
  const inside: Record<string, NetworkContainer> = {};
  for (const container of containers) {
    const place = container.running && container.record.networkSettings.Networks[record.name];
    if (!place?.EndpointID) continue;
    inside[container.id] = {
      Name: container.record.name,
      EndpointID: place.EndpointID,
      MacAddress: place.MacAddress ?? "",
      IPv4Address: place.IPAddress ? `${place.IPAddress}/${place.IPPrefixLen}` : "",
      IPv6Address: place.GlobalIPv6Address ? `${place.GlobalIPv6Address}/${place.GlobalIPv6PrefixLen}` : "",
    };
  }
  return {
    Name: record.name,
    Id: record.id,
    Created: record.created,
    Scope: "local",
    Driver: record.driver,
    EnableIPv6: record.ipv6,
    IPAM: { Driver: "default", Options: null, Config: [...record.pools] },
    Internal: record.internal,
    Attachable: record.attachable,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Containers: inside,
    Options: { ...record.options },
    Labels: { ...record.labels },
  };
}

/** Those that match all keys, of the values of one key any (of labels all). @throws `invalid` for a key that is none */
export function listNetworks(parts: Pick<Parts, "containers" | "networks">, filters: Filters): NetworkInspect[] {
  const known = ["driver", "id", "label", "name", "scope", "type", "dangling"];
  for (const key of Object.keys(filters)) if (!known.includes(key)) throw invalid(`invalid filter '${key}'`);
  const any = (key: string, matches: (value: string) => boolean) =>
    (filters[key] ?? []).length === 0 || (filters[key] ?? []).some(matches);
  return [...parts.networks].filter((network) =>
    any("driver", (value) => network.record.driver === value) &&
    any("id", (value) => network.id.startsWith(value)) &&
    any("name", (value) => network.name.includes(value)) &&
    any("scope", (value) => value === "local") &&
    any("type", (value) => networkType(value) === (network.predefined ? "builtin" : "custom")) &&
    any("dangling", (value) => parseBool(value) === (!network.predefined && usersOf(parts, network).length === 0)) &&
    (filters["label"] ?? []).every((value) => hasLabel(network.record.labels, value))
  ).map((network) => inspectNetwork(parts, network));
}

function networkType(value: string): string {
  if (value !== "builtin" && value !== "custom") throw invalid(`invalid filter: 'type'='${value}'`);
  return value;
}

/** Containers that have the network among theirs, running or not. */
export function usersOf({ containers }: Pick<Parts, "containers">, { record }: Network) {
  return [...containers].filter((container) => container.record.networkSettings.Networks[record.name] !== undefined);
}
