/** Which events a client wants to see (moby, daemon/events/filter.go). */
import type { Filters } from "../base/container_engine.ts";
import type { EventMessage } from "../base/docker/system.ts";
import { invalid } from "../base/errors.ts";
import { hasLabel } from "../base/labels.ts";

const KNOWN = [
  ...["config", "container", "daemon", "event", "image", "label", "network", "node", "plugin", "scope", "secret"],
  ...["service", "type", "volume"],
];

/** Actions that carry more behind a colon: a filter for one of them is compared with the beginning. */
const WITH_DETAILS = ["health_status", "exec_create", "exec_start"];

/**
 * A test for events. Different keys must all match, of the values of one key any (of labels all).
 * @throws `invalid` for a key that Docker does not have: `invalid filter 'x'`.
 */
export function eventFilter(filters: Filters = {}): (event: EventMessage) => boolean {
  for (const key of Object.keys(filters)) if (!KNOWN.includes(key)) throw invalid(`invalid filter '${key}'`);
  const values = (key: string): readonly string[] => filters[key] ?? [];
  const exact = (key: string, ...texts: string[]) =>
    values(key).length === 0 || values(key).some((value) => texts.includes(value));
  const prefix = (key: string, ...texts: string[]) =>
    values(key).length === 0 || values(key).some((value) => texts.some((text) => text.startsWith(value)));
  const action = values("event").some((value) => WITH_DETAILS.includes(value)) ? prefix : exact;
  const named = ["container", "daemon", "network", "volume", "plugin", "service", "node", "secret", "config"]
    .filter((key) => values(key).length > 0);

  return ({ Type, Action, Actor: { ID, Attributes }, scope }) =>
    action("event", Action) &&
    exact("type", Type) &&
    exact("scope", scope) &&
    named.every((key) => prefix(key, ID, Attributes["name"] ?? "")) &&
    matchesImage(exact, Type, ID, Attributes) &&
    values("label").every((label) => hasLabel(Attributes, label));
}

function matchesImage(
  exact: (key: string, ...texts: string[]) => boolean,
  type: EventMessage["Type"],
  id: string,
  attributes: Readonly<Record<string, string>>,
): boolean {
  const name = attributes[type === "image" ? "name" : "image"] ?? "";
  return exact("image", id, name, withoutTag(id), withoutTag(name));
}

/** `busybox` for `busybox:latest`; a port is no tag. */
function withoutTag(reference: string): string {
  return reference.replace(/(:[^:/@]*)?(@.*)?$/, "");
}
