import type { ContainerUpdate } from "../../base/docker/container.ts";
import { conflict } from "../../base/errors.ts";
import { checkResources } from "../../cgroup/check_resources.ts";
import { mergeUpdate } from "../../cgroup/merge_update.ts";
import type { Parts } from "../parts.ts";
import type { Container } from "./container.ts";
import { publishContainerEvent } from "./container_event.ts";
import { checkRestartPolicy } from "./create.ts";

/** Changes limits and restart policy; of a running container at once. */
export function updateContainer(
  parts: Parts,
  container: Container,
  { RestartPolicy, ...changes }: ContainerUpdate,
): Promise<{ Warnings: string[] }> {
  return container.serial.run(() => {
    const { state, record: { hostConfig: before }, running } = container;
    if (state.status === "removing") throw conflict("container is marked for removal and cannot be updated");
    const { resources, warnings } = checkResources(changes, parts.cgroups.machine(), { update: true });
    const hostConfig = { ...mergeUpdate(before, resources) };
    if (RestartPolicy?.Name) {
      hostConfig.RestartPolicy = {
        Name: RestartPolicy.Name,
        MaximumRetryCount: RestartPolicy.MaximumRetryCount ?? 0,
      };
    }
    checkRestartPolicy(hostConfig);
    running?.cgroup.update(hostConfig);
    container.change({ hostConfig });
    publishContainerEvent(parts, container, "update");
    return { Warnings: warnings };
  });
}
