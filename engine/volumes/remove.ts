import type { Filters, PruneOptions } from "../../base/container_engine.ts";
import type { VolumePruneResult } from "../../base/docker/volume.ts";
import { conflict, invalid } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import { hasLabel } from "../../base/labels.ts";
import { parseBool } from "../../base/parse_bool.ts";
import { removeVolumeFolder } from "../../fs/volumes.ts";
import type { Parts } from "../parts.ts";
import { unmountIdle } from "./driver_mount.ts";
import { sizeOf } from "./inspect.ts";
import { countUsers, usersOf } from "./users.ts";
import type { Volume } from "./volume.ts";
import { publishVolumeEvent } from "./volume_event.ts";

/** Removes a volume that no container has. @throws `conflict` with Docker's sentence, and the names of those that do */
export function removeVolume(parts: Parts, volume: Volume): void {
  checkUnused(parts, volume, "remove");
  const { name } = volume;
  if (!volume.plain) unmountIdle(parts); // or what it is a mount of would go, too
  // The row first: a folder that nobody knows goes at the next start.
  parts.volumes.delete(volume);
  failpoint("volume.remove.row");
  removeVolumeFolder(parts.settings.root, name);
  publishVolumeEvent(parts, name, "destroy");
}

/** @throws `conflict` when somebody has it */
export function checkUnused(parts: Parts, volume: Volume, verb: string): void {
  const users = usersOf(parts, volume);
  if (users.length > 0) {
    const [ids, names] = [users.map(({ id }) => id), users.map(({ record }) => record.name)];
    throw conflict(`${verb} ${volume.name}: volume is in use - [${ids.join(", ")}] (${names.join(", ")})`);
  }
  if (volume.pins > 0) throw conflict(`${verb} ${volume.name}: volume is in use - [] (by a call that is under way)`);
}

/**
 * Removes those that no container has: the anonymous ones, with the filter `all` also those with a name.
 * @throws `invalid` for another filter than `label`, `label!` and `all`
 */
export async function pruneVolumes(
  parts: Parts,
  filters: Filters,
  { dryRun = false, without = [] }: PruneOptions = {},
): Promise<VolumePruneResult> {
  for (const key of Object.keys(filters)) {
    if (!["label", "label!", "all"].includes(key)) throw invalid(`invalid filter '${key}'`);
  }
  const { label = [], all = [], "label!": unlabelled = [] } = filters;
  const named = all.some(parseBool);
  const counts = countUsers(parts, new Set(dryRun ? without : []));
  const result: VolumePruneResult = { VolumesDeleted: [], SpaceReclaimed: 0 };
  for (const volume of [...parts.volumes]) {
    const { name, record, stored, pins } = volume;
    if (!stored || pins > 0 || counts.has(name) || (!record.anonymous && !named)) continue;
    if (!label.every((value) => hasLabel(record.labels, value))) continue;
    if (unlabelled.some((value) => hasLabel(record.labels, value))) continue;
    const size = Math.max(0, await sizeOf(parts, volume));
    if (!dryRun) {
      // Somebody may have taken it, or removed it, while its files were counted.
      if (parts.volumes.find(name) !== volume || volume.pins > 0 || usersOf(parts, volume).length > 0) continue;
      removeVolume(parts, volume);
    }
    result.VolumesDeleted.push(name);
    result.SpaceReclaimed += size;
  }
  return result;
}
