import { publishContainerEvent } from "../containers/container_event.ts";
import type { Container } from "../containers/container.ts";
import type { Parts } from "../parts.ts";
import { rootSpec, userOf } from "../spec/container_spec.ts";
import { openFiles } from "./open_files.ts";
import type { Place } from "./placed_files.ts";

/** The files of a container, running or not. */
export function containerPlace(parts: Parts, container: Container): Place {
  const { record } = container;
  return {
    shown: `container ${record.name}`,
    open: () => openFiles(parts, container),
    owner: () => record.config.User === "" ? undefined : userOf(container, rootSpec(parts, record)),
    tell: (action) => publishContainerEvent(parts, container, action),
  };
}
