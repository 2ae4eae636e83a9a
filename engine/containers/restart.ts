import type { StopOptions } from "../../base/container_engine.ts";
import type { Parts } from "../parts.ts";
import type { Container } from "./container.ts";
import { publishContainerEvent } from "./container_event.ts";
import { startContainer } from "./start.ts";
import { startIsDecided, stopContainer } from "./stop.ts";

/** Stops it if it runs, and starts it. */
export async function restartContainer(parts: Parts, container: Container, options: StopOptions): Promise<void> {
  await startIsDecided(container);
  if (container.running !== undefined) await stopContainer(parts, container, options);
  await startContainer(parts, container);
  publishContainerEvent(parts, container, "restart");
}
