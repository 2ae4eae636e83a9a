import { invalid } from "../../base/errors.ts";
import { checkName } from "../../base/names.ts";
import type { Parts } from "../parts.ts";
import type { Container } from "./container.ts";
import { publishContainerEvent } from "./container_event.ts";

/** Gives a container another name. @throws `conflict` when the name is in use, `invalid` when it is none. */
export function renameContainer(parts: Parts, container: Container, newName: string): Promise<void> {
  return container.serial.run(() => {
    const [oldName, name] = [container.record.name, newName.replace(/^\//, "")];
    if (name === "") throw invalid("Neither old nor new names may be empty");
    if (name === oldName) throw invalid("Renaming a container with the same name as its current name");
    checkName(name);
    parts.containers.reserve(name, container.id);
    try {
      container.change({ name });
    } catch (error) {
      parts.containers.release(name);
      throw error;
    }
    parts.containers.release(oldName);
    parts.networks.changes++;
    publishContainerEvent(parts, container, "rename", { oldName: `/${oldName}` });
  });
}
