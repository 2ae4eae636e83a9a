import type { Parts } from "../parts.ts";
import type { Container } from "./container.ts";

/** Tells the world what happened to a container; Docker's attributes: labels, image, name, and what is particular. */
export function publishContainerEvent(
  { events }: Parts,
  { record }: Container,
  action: string,
  particular: Record<string, string> = {},
): void {
  events.publish({
    Type: "container",
    Action: action,
    Actor: {
      ID: record.id,
      Attributes: { ...record.config.Labels, image: record.config.Image, name: record.name, ...particular },
    },
  });
}
