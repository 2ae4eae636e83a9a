import type { Container } from "../containers/container.ts";
import type { Parts } from "../parts.ts";
import type { Network } from "./network.ts";

/** Tells of something that has happened to a network. */
export function publishNetworkEvent(
  { events }: Parts,
  { id, record }: Network,
  action: "create" | "destroy" | "connect" | "disconnect",
  attributes: Readonly<Record<string, string>> = {},
): void {
  events.publish({
    Type: "network",
    Action: action,
    Actor: { ID: id, Attributes: { ...attributes, name: record.name, type: record.driver } },
  });
}

/** The same for all networks of a container that starts or has ended. */
export function publishPlaces(parts: Parts, { id, network }: Container, action: "connect" | "disconnect"): void {
  for (const endpoint of network?.endpoints ?? []) {
    publishNetworkEvent(parts, endpoint.network, action, { container: id });
  }
}
