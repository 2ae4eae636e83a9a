import { invalid } from "../../base/errors.ts";
import { humanSize } from "../../base/units.ts";
import { defineCommand } from "../command.ts";
import { filterFlag, parseFilters } from "../format/filters.ts";
import { confirm, forceFlag, pruneContainers, pruneImages, pruneNetworks, pruneVolumes } from "./prune.ts";
import { dryRunFlag, pruneDryRun, type Wish } from "./prune_dry_run.ts";

export const command = defineCommand({
  usage: "[OPTIONS]",
  summary: "Remove unused data",
  flags: {
    all: { type: "bool", short: "a", help: "Remove all unused images not just dangling ones" },
    "dry-run": dryRunFlag,
    filter: filterFlag('Provide filter values (e.g. "label=<key>=<value>")'),
    force: forceFlag,
    volumes: { type: "bool", help: "Prune anonymous volumes" },
  },
  args: { min: 0, max: 0 },
  async run(context, { all, "dry-run": dryRun, filter, force, volumes }) {
    const filters = parseFilters(filter);
    if (volumes && filters["until"] !== undefined) {
      throw invalid('ERROR: The "until" filter is not supported with "--volumes"');
    }
    if (dryRun) {
      const everywhere: Wish = { containers: true, networks: true, images: all ? "all" : "dangling" };
      const wish: Wish = volumes ? { ...everywhere, volumes: "anonymous" } : everywhere;
      const { text, bytes } = await pruneDryRun(context, wish, filters);
      context.stdout.print(`${text}Total reclaimable space: ${humanSize(bytes)}\n`);
      return 0;
    }
    if (!force && !await confirm(context, warning({ all, volumes }, filter))) return 0;
    // Containers first: a network or an image is free only when they are gone.
    const containers = await pruneContainers(context, filters);
    context.stdout.print(containers.text);
    context.stdout.print((await pruneNetworks(context, filters)).text);
    const freed = volumes ? await pruneVolumes(context, filters) : { text: "", bytes: 0 };
    const images = await pruneImages(context, all, filters);
    const bytes = containers.bytes + freed.bytes + images.bytes;
    context.stdout.print(`${freed.text}${images.text}Total reclaimed space: ${humanSize(bytes)}\n`);
    return 0;
  },
});

function warning({ all, volumes }: { all: boolean; volumes: boolean }, filters: readonly string[]): string {
  const images = all ? "all images without at least one container associated to them" : "all dangling images";
  const shown = filters.length === 0
    ? ""
    : `\n  Items to be pruned will be filtered with:\n${
      filters.toSorted().map((filter) => `  - ${filter}\n`).join("")
    }`;
  return `WARNING! This will remove:\n  - all stopped containers\n  - all networks not used by at least one container\n${
    volumes ? "  - all anonymous volumes not used by at least one container\n" : ""
  }  - ${images}\n${shown}`;
}
