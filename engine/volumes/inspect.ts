import type { Filters } from "../../base/container_engine.ts";
import type { VolumeInspect } from "../../base/docker/volume.ts";
import { invalid } from "../../base/errors.ts";
import { hasLabel } from "../../base/labels.ts";
import { parseBool } from "../../base/parse_bool.ts";
import { usageInTurns } from "../../fs/usage.ts";
import { volumeData } from "../../fs/volumes.ts";
import type { Parts } from "../parts.ts";
import { countUsers, volumeUsers } from "./users.ts";
import type { Volume } from "./volume.ts";

/** `GET /volumes/{name}`: the volume, and who has it; with `size` also its bytes, which have to be counted. */
export async function inspectVolume(
  parts: Parts,
  volume: Volume,
  { size = false }: { size?: boolean } = {},
): Promise<VolumeInspect> {
  const UsedBy = volumeUsers(parts, volume);
  const shown = { ...summary(parts, volume), UsedBy };
  if (!size) return shown;
  return { ...shown, UsageData: { RefCount: UsedBy.length, Size: await sizeOf(parts, volume) } };
}

/** All of them with their sizes, for `system df`. */
export async function volumesWithSizes(parts: Parts): Promise<VolumeInspect[]> {
  const counts = countUsers(parts);
  const rows: VolumeInspect[] = [];
  for (const volume of sorted(parts)) {
    const UsageData = { RefCount: counts.get(volume.name) ?? 0, Size: await sizeOf(parts, volume) };
    rows.push({ ...summary(parts, volume), UsageData });
  }
  return rows;
}

/** Docker does not count what lies elsewhere either. */
export async function sizeOf({ settings }: Pick<Parts, "settings">, volume: Volume): Promise<number> {
  if (!volume.plain) return -1;
  return await usageInTurns(volumeData(settings.root, volume.name));
}

/** Those that match all keys, of the values of one key any (of labels all). @throws `invalid` for a key that is none */
export function listVolumes(parts: Parts, filters: Filters): VolumeInspect[] {
  const known = ["dangling", "driver", "label", "name"];
  for (const key of Object.keys(filters)) if (!known.includes(key)) throw invalid(`invalid filter '${key}'`);
  const any = (key: string, matches: (value: string) => boolean) =>
    (filters[key] ?? []).length === 0 || (filters[key] ?? []).some(matches);
  const counts = filters["dangling"] === undefined ? new Map<string, number>() : countUsers(parts);
  return sorted(parts).filter(({ name, record }) =>
    any("name", (value) => name.includes(value)) &&
    any("driver", (value) => value === "local") &&
    any("dangling", (value) => parseBool(value) === !counts.has(name)) &&
    (filters["label"] ?? []).every((value) => hasLabel(record.labels, value))
  ).map((volume) => summary(parts, volume));
}

function sorted({ volumes }: Parts): Volume[] {
  return [...volumes].filter(({ stored }) => stored).sort((a, b) => a.name < b.name ? -1 : 1);
}

function summary({ settings }: Parts, { name, record }: Volume): VolumeInspect {
  return {
    CreatedAt: record.created.replace(/\.\d+/, ""),
    Driver: "local",
    Labels: orNull(record.labels),
    Mountpoint: volumeData(settings.root, name),
    Name: name,
    Options: orNull(record.options),
    Scope: "local",
  };
}

function orNull(map: Readonly<Record<string, string>>): Record<string, string> | null {
  return Object.keys(map).length > 0 ? { ...map } : null;
}
