import type { ContainerUpdate } from "../../base/docker/container.ts";
import { conflict } from "../../base/errors.ts";
import { checkResources } from "../../cgroup/check_resources.ts";
import type { Parts } from "../parts.ts";
import type { Container } from "./container.ts";
import { publishContainerEvent } from "./container_event.ts";
import { checkRestartPolicy } from "./create.ts";

/** Changes limits and restart policy; of a running container at once. */
export function updateContainer(parts: Parts, container: Container, update: ContainerUpdate): Promise<{ Warnings: string[] }> {
  return container.serial.run(() => {
    const { state, record, running } = container;
    if (state.status === "removing") throw conflict("container is marked for removal and cannot be updated");
    const { RestartPolicy, ...asked } = update;
    // A zero is "leave as it is": that is how Docker's clients send what the user did not name.
    const changes = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== 0 && value !== "" && value !== null));
    const { resources, warnings } = checkResources({ ...record.hostConfig, ...changes }, parts.cgroups.machine());
    const policy = RestartPolicy?.Name
      ? { Name: RestartPolicy.Name, MaximumRetryCount: RestartPolicy.MaximumRetryCount ?? 0 }
      : record.hostConfig.RestartPolicy;
    const hostConfig = { ...record.hostConfig, ...resources, RestartPolicy: policy };
    checkRestartPolicy(hostConfig);
    running?.cgroup.update({ ...changes, ...pick(resources, Object.keys(changes)) });
    container.change({ hostConfig });
    publishContainerEvent(parts, container, "update");
    return { Warnings: warnings };
  });
}

function pick(from: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)));
}
