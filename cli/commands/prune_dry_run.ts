/** What a prune would remove, without removing it: worked out from lists, so that nothing can go wrong. */
import type { Filters } from "../../base/container_engine.ts";
import type { ContainerSummary } from "../../base/docker/container.ts";
import type { ImageSummary } from "../../base/docker/image.ts";
import { hasLabel } from "../../base/labels.ts";
import { parseRfc3339, parseTimestamp } from "../../base/time.ts";
import type { Context } from "../command.ts";
import type { Pruned } from "./prune.ts";

export const dryRunFlag = { type: "bool", help: "Only show what would be removed" } as const;

const PREDEFINED = ["bridge", "host", "none"];

/** What is to be gone, and what is not. */
export interface Wish {
  readonly containers?: boolean;
  readonly networks?: boolean;
  /** `anonymous`: those that nobody has named. */
  readonly volumes?: "anonymous" | "all";
  /** `dangling`: those without a name. */
  readonly images?: "dangling" | "all";
}

/** One kind after the other, each as if those before it were gone. */
export async function pruneDryRun(context: Context, wish: Wish, filters: Filters): Promise<Pruned> {
  const all = await context.engine.containers.list({ all: true, size: wish.containers === true });
  const matches = filterTest(filters);
  const isGone = ({ State, Labels, Created }: ContainerSummary) =>
    wish.containers === true && ["created", "exited", "dead"].includes(State) &&
    matches(Labels, BigInt(Created) * 1_000_000_000n);
  const [gone, left] = [all.filter(isGone), all.filter((container) => !isGone(container))];
  const parts: Pruned[] = [
    told("Containers", gone.map(({ Id }) => Id), gone.map(({ SizeRw = 0 }) => SizeRw)),
    ...wish.networks ? [await networks(context, left, matches)] : [],
    ...wish.volumes !== undefined ? [await volumes(context, left, wish.volumes, matches)] : [],
    ...wish.images !== undefined ? [await images(context, left, wish.images, filters)] : [],
  ];
  return {
    text: parts.map(({ text }) => text).join(""),
    bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

type Left = readonly ContainerSummary[];
type Test = (labels: Readonly<Record<string, string>>, created: bigint) => boolean;

async function networks({ engine }: Context, left: Left, matches: Test): Promise<Pruned> {
  const used = new Set(left.flatMap(({ NetworkSettings }) => Object.keys(NetworkSettings.Networks)));
  const free = (await engine.networks.list()).filter(({ Name, Labels, Created }) =>
    !PREDEFINED.includes(Name) && !used.has(Name) && matches(Labels, parseRfc3339(Created))
  );
  return told("Networks", free.map(({ Name }) => Name), []);
}

async function volumes({ engine }: Context, left: Left, which: "anonymous" | "all", matches: Test): Promise<Pruned> {
  const used = new Set(left.flatMap(({ Mounts }) => Mounts.map(({ Name }) => Name)));
  const free = (await engine.volumes.list()).filter(({ Name, Labels, CreatedAt }) =>
    !used.has(Name) && (which === "all" || hasLabel(Labels ?? {}, "com.docker.volume.anonymous")) &&
    matches(Labels ?? {}, parseRfc3339(CreatedAt))
  );
  const sizes = await Promise.all(free.map(async ({ Name }) => {
    const { UsageData } = await engine.volumes.inspect(Name, { size: true });
    return Math.max(0, UsageData?.Size ?? 0);
  }));
  return told("Volumes", free.map(({ Name }) => Name), sizes);
}

/** By how much layers that several of them share add to the sum is not known: what each has for itself counts. */
async function images({ engine }: Context, left: Left, which: "dangling" | "all", filters: Filters): Promise<Pruned> {
  const used = new Set(left.map(({ ImageID }) => ImageID));
  const dangling = which === "dangling" ? { dangling: ["true"] } : {};
  const found = await engine.images.list({ filters: { ...filters, ...dangling }, sharedSize: true });
  const free = found.filter(({ Id, RepoTags }) => !used.has(Id) && !(RepoTags ?? []).includes("host:latest"));
  const own = ({ Size, SharedSize }: ImageSummary) => SharedSize < 0 ? Size : Size - SharedSize;
  return told("Images", free.flatMap(({ Id, RepoTags }) => [...RepoTags ?? [], Id]), free.map(own));
}

function told(kind: string, names: readonly string[], sizes: readonly number[]): Pruned {
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (names.length === 0) return { text: "", bytes };
  return { text: `Would delete ${kind}:\n${names.map((name) => `${name}\n`).join("")}\n`, bytes };
}

/** The filters `label`, `label!` and `until`, as the engine reads them. @throws `invalid` for a time that is none */
function filterTest({ label = [], "label!": without = [], until = [] }: Filters): Test {
  const limits = until.map((value) => parseTimestamp(value, BigInt(Date.now()) * 1_000_000n));
  return (labels, created) =>
    label.every((value) => hasLabel(labels, value)) && !without.some((value) => hasLabel(labels, value)) &&
    limits.every((limit) => created < limit);
}
