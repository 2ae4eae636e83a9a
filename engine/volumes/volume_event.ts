import type { Parts } from "../parts.ts";

/** Tells of something that has happened to a volume. */
export function publishVolumeEvent(
  { events }: Pick<Parts, "events">,
  name: string,
  action: "create" | "destroy" | "mount" | "unmount" | "prune" | "rename",
  attributes: Readonly<Record<string, string>> = {},
): void {
  events.publish({
    Type: "volume",
    Action: action,
    Actor: { ID: name, Attributes: { ...attributes, driver: "local" } },
  });
}
