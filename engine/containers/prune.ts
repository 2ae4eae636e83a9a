import type { Filters, PruneOptions } from "../../base/container_engine.ts";
import type { ContainerPruneResult } from "../../base/docker/container.ts";
import { errorClass } from "../../base/errors.ts";
import { usageInTurns } from "../../fs/usage.ts";
import type { Parts } from "../parts.ts";
import { matchesPruneFilters } from "../report/filters.ts";
import type { Container } from "./container.ts";
import { removeContainer } from "./remove.ts";

/** Removes all containers that do not run and match the filters (`label`, `label!`, `until`). */
export async function pruneContainers(
  parts: Parts,
  filters: Filters,
  { dryRun = false }: PruneOptions = {},
): Promise<ContainerPruneResult> {
  const result = { ContainersDeleted: [] as string[], SpaceReclaimed: 0 };
  for (const container of [...parts.containers]) {
    if (!rests(container) || !matchesPruneFilters(container.record, filters)) continue;
    const size = await usageInTurns(`${container.folders.home}/upper`);
    if (!dryRun && !await removed(parts, container)) continue;
    result.ContainersDeleted.push(container.id);
    result.SpaceReclaimed += size;
  }
  return result;
}

/** One that waits for its restart counts as running. */
function rests({ state }: Container): boolean {
  return state.status === "created" || (state.status === "exited" && !state.restarting);
}

/** False when somebody has started or removed it meanwhile. */
async function removed(parts: Parts, container: Container): Promise<boolean> {
  if (!rests(container)) return false;
  try {
    await removeContainer(parts, container, {});
    return true;
  } catch (error) {
    if (["conflict", "not_found"].includes(errorClass(error))) return false;
    throw error;
  }
}
