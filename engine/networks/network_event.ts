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
