/** What all forms of `prune` share: the question, and the removal of each kind of object, or what it would remove. */
import type { Filters, PruneOptions } from "../../base/container_engine.ts";
import { humanSize } from "../../base/units.ts";
import type { Context, Input } from "../command.ts";

export const forceFlag = { type: "bool", short: "f", help: "Do not prompt for confirmation" } as const;
export const dryRunFlag = { type: "bool", help: "Only show what would be removed" } as const;

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

/** Removes all stopped containers, and gives their ids too. */
export async function pruneContainers(
  { engine }: Context,
  filters: Filters,
  options: PruneOptions,
): Promise<Pruned & { readonly ids: readonly string[] }> {
  const { ContainersDeleted: ids, SpaceReclaimed } = await engine.containers.prune(filters, options);
  return { ...told("Containers", ids, SpaceReclaimed, options), ids };
}

/** Removes all networks that no container has, except the three that are always there. */
export async function pruneNetworks({ engine }: Context, filters: Filters, options: PruneOptions): Promise<Pruned> {
  const { NetworksDeleted } = await engine.networks.prune(filters, options);
  return told("Networks", NetworksDeleted, 0, options);
}

/** Removes volumes that no container has: anonymous ones, or all. */
export async function pruneVolumes({ engine }: Context, filters: Filters, options: PruneOptions): Promise<Pruned> {
  const { VolumesDeleted, SpaceReclaimed } = await engine.volumes.prune(filters, options);
  return told("Volumes", VolumesDeleted, SpaceReclaimed, options);
}

/** Removes images that have no tag, or all that no container uses. */
export async function pruneImages(
  { engine }: Context,
  all: boolean,
  filters: Filters,
  options: PruneOptions,
): Promise<Pruned> {
  const wish = { ...filters, dangling: [String(!all)] };
  const { ImagesDeleted, SpaceReclaimed } = await engine.images.prune(wish, options);
  const lines = ImagesDeleted.map((item) =>
    "Untagged" in item ? `untagged: ${item.Untagged}` : `deleted: ${item.Deleted}`
  );
  return told("Images", lines, SpaceReclaimed, options);
}

/** The last line. */
export function total(bytes: number, { dryRun = false }: PruneOptions): string {
  return `Total ${dryRun ? "reclaimable" : "reclaimed"} space: ${humanSize(bytes)}\n`;
}

function told(kind: string, lines: readonly string[], bytes: number, { dryRun = false }: PruneOptions): Pruned {
  if (lines.length === 0) return { text: "", bytes };
  return { text: `${dryRun ? "Would delete" : "Deleted"} ${kind}:\n${lines.join("\n")}\n\n`, bytes };
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
