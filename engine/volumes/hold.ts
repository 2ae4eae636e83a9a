import { chownTree } from "../../fs/chown_tree.ts";
import { volumeData } from "../../fs/volumes.ts";
import type { ContainerSpec } from "../../runtime/container_spec.ts";
import type { Container } from "../containers/container.ts";
import type { Parts } from "../parts.ts";
import { mountVolume, unmountIdle } from "./driver_mount.ts";
import type { Volume } from "./volume.ts";
import { publishVolumeEvent } from "./volume_event.ts";

/** Mounts the volumes of a container that is being started, as far as they are mounts; it holds them once it runs. */
export async function holdVolumes(parts: Parts, container: Container): Promise<Disposable> {
  const held: Volume[] = [];
  const release = () => {
    for (const volume of held) volume.pins--;
    if (held.length > 0) unmountIdle(parts);
  };
  try {
    for (const plan of container.record.mountPlans ?? []) {
      const volume = plan.kind === "volume" ? parts.volumes.get(plan.name) : undefined;
      if (volume === undefined || volume.plain) continue;
      volume.pins++;
      held.push(volume);
      await mountVolume(parts, volume);
    }
  } catch (error) {
    release();
    throw error;
  }
  return { [Symbol.dispose]: release };
}

/** Gives what is mounted with `:U` to the user of the container. */
export async function giveMounts(
  { settings }: Parts,
  { record }: Container,
  { process }: ContainerSpec,
): Promise<void> {
  for (const plan of record.mountPlans ?? []) {
    if ((plan.kind !== "volume" && plan.kind !== "bind") || !plan.chown) continue;
    const path = plan.kind === "bind" ? plan.source : volumeData(settings.root, plan.name);
    await chownTree(path, process.user.uid, process.user.gid);
  }
}

/** Tells of the volumes that a container has got, or has no more. */
export function tellOfVolumes(parts: Parts, { id, record }: Container, action: "mount" | "unmount"): void {
  for (const plan of record.mountPlans ?? []) {
    if (plan.kind !== "volume") continue;
    const { name, target: destination, readonly } = plan;
    const details = { destination, propagation: "", "read/write": String(!readonly) };
    publishVolumeEvent(parts, name, action, { container: id, ...action === "mount" && details });
  }
}

/** What follows the end of a container's process. */
export function releaseVolumes(parts: Parts, container: Container): void {
  if (container.running !== undefined) return; // it has been started again
  tellOfVolumes(parts, container, "unmount");
  const plans = container.record.mountPlans ?? [];
  if (plans.some((plan) => plan.kind === "volume" && parts.volumes.find(plan.name)?.plain === false)) {
    unmountIdle(parts);
  }
}
