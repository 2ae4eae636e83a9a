import { humanSize } from "../../base/units.ts";
import { defineCommand } from "../command.ts";
import { filterFlag, parseFilters } from "../format/filters.ts";
import { confirm, forceFlag, pruneContainers, pruneImages, pruneNetworks } from "./prune.ts";

export const command = defineCommand({
  usage: "[OPTIONS]",
  summary: "Remove unused data",
  flags: {
    all: { type: "bool", short: "a", help: "Remove all unused images not just dangling ones" },
    filter: filterFlag('Provide filter values (e.g. "label=<key>=<value>")'),
    force: forceFlag,
  },
  args: { min: 0, max: 0 },
  async run(context, { all, filter, force }) {
    if (!force && !await confirm(context, warning(all, filter))) return 0;
    const filters = parseFilters(filter);
    // Containers first: a network or an image is free only when they are gone.
    const containers = await pruneContainers(context, filters);
    context.stdout.print(containers.text);
    context.stdout.print((await pruneNetworks(context, filters)).text);
    const images = await pruneImages(context, all, filters);
    context.stdout.print(`${images.text}Total reclaimed space: ${humanSize(containers.bytes + images.bytes)}\n`);
    return 0;
  },
});

function warning(all: boolean, filters: readonly string[]): string {
  const images = all ? "all images without at least one container associated to them" : "all dangling images";
  const shown = filters.length === 0
    ? ""
    : `\n  Items to be pruned will be filtered with:\n${
      filters.toSorted().map((filter) => `  - ${filter}\n`).join("")
    }`;
  return `WARNING! This will remove:\n  - all stopped containers\n  - all networks not used by at least one container\n  - ${images}\n${shown}`;
}
