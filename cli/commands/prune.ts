/** What all forms of `prune` share: the question, and the removal of each kind of object. */
import type { Filters } from "../../base/container_engine.ts";
import type { Context, Input } from "../command.ts";

export const forceFlag = { type: "bool", short: "f", help: "Do not prompt for confirmation" } as const;

/** What was removed, in docker's words, and how many bytes that has freed. */
export interface Pruned {
  readonly text: string;
  readonly bytes: number;
}

/** Asks whether to go on; anything but `y` means no. */
export async function confirm(context: Context, warning: string): Promise<boolean> {
  context.stdout.print(`${warning}\nAre you sure you want to continue? [y/N] `);
  return (await firstLine(context.stdin)).trim().toLowerCase() === "y";
}

/** Removes all stopped containers. */
export async function pruneContainers({ engine }: Context, filters: Filters): Promise<Pruned> {
  const { ContainersDeleted, SpaceReclaimed } = await engine.containers.prune(filters);
  if (ContainersDeleted.length === 0) return { text: "", bytes: 0 };
  return { text: `Deleted Containers:\n${ContainersDeleted.map((id) => `${id}\n`).join("")}\n`, bytes: SpaceReclaimed };
}

/** Removes all networks that no container has, except the three that are always there. */
export async function pruneNetworks({ engine }: Context, filters: Filters): Promise<Pruned> {
  const { NetworksDeleted } = await engine.networks.prune(filters);
  if (NetworksDeleted.length === 0) return { text: "", bytes: 0 };
  return { text: `Deleted Networks:\n${NetworksDeleted.map((name) => `${name}\n`).join("")}\n`, bytes: 0 };
}

/** Removes volumes that no container has: anonymous ones, or all; with `dryRun` tells which these are. */
export async function pruneVolumes({ engine }: Context, filters: Filters, dryRun = false): Promise<Pruned> {
  const { VolumesDeleted, SpaceReclaimed } = await engine.volumes.prune(filters, { dryRun });
  if (VolumesDeleted.length === 0) return { text: "", bytes: 0 };
  const title = dryRun ? "Would delete Volumes" : "Deleted Volumes";
  return { text: `${title}:\n${VolumesDeleted.map((name) => `${name}\n`).join("")}\n`, bytes: SpaceReclaimed };
}

/** Removes images that have no name, or all that no container uses. */
export async function pruneImages({ engine }: Context, all: boolean, filters: Filters): Promise<Pruned> {
  const { ImagesDeleted, SpaceReclaimed } = await engine.images.prune({ ...filters, dangling: [String(!all)] });
  if (ImagesDeleted.length === 0) return { text: "", bytes: 0 };
  const lines = ImagesDeleted.map((item) =>
    "Untagged" in item ? `untagged: ${item.Untagged}\n` : `deleted: ${item.Deleted}\n`
  );
  return { text: `Deleted Images:\n${lines.join("")}\n`, bytes: SpaceReclaimed };
}

async function firstLine({ readable }: Input): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const data of readable) {
    text += decoder.decode(data, { stream: true });
    if (text.includes("\n")) break;
  }
  return text.split("\n")[0] ?? "";
}
