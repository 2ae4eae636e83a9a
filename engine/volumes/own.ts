import { failpoint } from "../../base/failpoint.ts";
import { removeVolumeFolder } from "../../fs/volumes.ts";
import type { Container } from "../containers/container.ts";
import type { Parts } from "../parts.ts";
import { unmountIdle } from "./driver_mount.ts";
import { usersOf } from "./users.ts";
import type { Volume } from "./volume.ts";
import { publishVolumeEvent } from "./volume_event.ts";

/** The anonymous volumes of a container that no other one has: those that go with it. */
export function ownVolumes(parts: Parts, container: Container): Volume[] {
  return (container.record.mountPlans ?? []).flatMap((plan) => {
    if (plan.kind !== "volume" || !plan.anonymous) return [];
    const volume = parts.volumes.find(plan.name); // an engine that died may have removed it
    return volume === undefined || isShared(parts, volume, container) ? [] : [volume];
  });
}

/** Removes one of them, the row first. */
export function removeUnusedVolume(parts: Parts, volume: Volume): void {
  const { name } = volume;
  if (!volume.plain) unmountIdle(parts);
  parts.volumes.delete(volume);
  failpoint("remove.volume.row");
  removeVolumeFolder(parts.settings.root, name);
  publishVolumeEvent(parts, name, "destroy");
}

function isShared(parts: Parts, volume: Volume, container: Container): boolean {
  return volume.pins > 0 || usersOf(parts, volume).some((other) => other !== container);
}
