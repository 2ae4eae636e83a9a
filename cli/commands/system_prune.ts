import { invalid } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { filterFlag, parseFilters } from "../format/filters.ts";
import {
  confirm,
  dryRunFlag,
  forceFlag,
  pruneContainers,
  pruneImages,
  pruneNetworks,
  pruneVolumes,
  total,
} from "./prune.ts";

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
    if (!force && !dryRun && !await confirm(context, warning({ all, volumes }, filter))) return 0;
    // Containers first: a network or an image is free only when they are gone.
    const containers = await pruneContainers(context, filters, { dryRun });
    context.stdout.print(containers.text);
    const options = { dryRun, without: containers.ids };
    context.stdout.print((await pruneNetworks(context, filters, options)).text);
    const freed = volumes ? await pruneVolumes(context, filters, options) : { text: "", bytes: 0 };
    const images = await pruneImages(context, all, filters, options);
    context.stdout.print(
      freed.text + images.text + total(containers.bytes + freed.bytes + images.bytes, { dryRun }),
    );
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
