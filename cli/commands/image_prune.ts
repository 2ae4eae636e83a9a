import { humanSize } from "../../base/units.ts";
import { defineCommand } from "../command.ts";
import { filterFlag, parseFilters } from "../format/filters.ts";
import { confirm, forceFlag, pruneImages } from "./prune.ts";
import { dryRunFlag, pruneDryRun } from "./prune_dry_run.ts";

export const command = defineCommand({
  usage: "[OPTIONS]",
  summary: "Remove unused images",
  flags: {
    all: { type: "bool", short: "a", help: "Remove all unused images, not just dangling ones" },
    "dry-run": dryRunFlag,
    filter: filterFlag('Provide filter values (e.g. "until=<timestamp>")'),
    force: forceFlag,
  },
  args: { min: 0, max: 0 },
  async run(context, { all, "dry-run": dryRun, filter, force }) {
    if (dryRun) {
      const wish = { images: all ? "all" : "dangling" } as const;
      const { text, bytes } = await pruneDryRun(context, wish, parseFilters(filter));
      context.stdout.print(`${text}Total reclaimable space: ${humanSize(bytes)}\n`);
      return 0;
    }
    const what = all ? "all images without at least one container associated to them" : "all dangling images";
    if (!force && !await confirm(context, `WARNING! This will remove ${what}.`)) return 0;
    const { text, bytes } = await pruneImages(context, all, parseFilters(filter));
    context.stdout.print(`${text}Total reclaimed space: ${humanSize(bytes)}\n`);
    return 0;
  },
});
