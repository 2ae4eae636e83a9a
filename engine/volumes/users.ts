import type { VolumeUser } from "../../base/docker/volume.ts";
import type { Container } from "../containers/container.ts";
import type { Parts } from "../parts.ts";
import type { Volume } from "./volume.ts";

/** The containers that have a volume among their mounts, running or not. */
export function usersOf({ containers }: Pick<Parts, "containers">, { name }: Pick<Volume, "name">): Container[] {
  return [...containers].filter(({ record }) => volumesOf(record.mountPlans).includes(name));
}

/** The same for all volumes at once: of each name, how many; the containers `without` do not count. */
export function countUsers(
  { containers }: Pick<Parts, "containers">,
  without: ReadonlySet<string> = new Set(),
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { id, record } of containers) {
    if (without.has(id)) continue;
    for (const name of new Set(volumesOf(record.mountPlans))) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** The names of the volumes among some mounts. */
export function volumesOf(plans: Container["record"]["mountPlans"]): string[] {
  return (plans ?? []).flatMap((plan) => plan.kind === "volume" ? [plan.name] : []);
}

/** As `inspect` tells of them. */
export function volumeUsers(parts: Pick<Parts, "containers">, volume: Volume): VolumeUser[] {
  return usersOf(parts, volume).map(({ id, record, running }) => ({
    Id: id,
    Name: record.name,
    Running: running !== undefined,
    Destinations: (record.mountPlans ?? []).filter((plan) => plan.kind === "volume" && plan.name === volume.name)
      .map(({ target }) => target),
  }));
}
