import type { Filters } from "../../base/container_engine.ts";
import type { ContainerPruneResult } from "../../base/docker/container.ts";
import { usage } from "../../fs/usage.ts";
import type { Parts } from "../parts.ts";
import { matchesPruneFilters } from "../report/filters.ts";
import { removeContainer } from "./remove.ts";

/** Removes all containers that do not run and match the filters (`label`, `label!`, `until`). */
export async function pruneContainers(
  parts: Parts,
  filters: Filters,
): Promise<ContainerPruneResult> {
  const result = { ContainersDeleted: [] as string[], SpaceReclaimed: 0 };
  for (const container of [...parts.containers]) {
    const { state, record } = container;
    if (!["created", "exited"].includes(state.status) || !matchesPruneFilters(record, filters)) continue;
    const size = usage(`${container.folders.home}/upper`);
    await removeContainer(parts, container, {});
    result.ContainersDeleted.push(container.id);
    result.SpaceReclaimed += size;
  }
  return result;
}
