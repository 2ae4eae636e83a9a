import { defineCommand } from "../command.ts";
import { filterFlag, parseFilters } from "../format/filters.ts";
import { confirm, dryRunFlag, forceFlag, pruneImages, total } from "./prune.ts";

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
    const what = all ? "all images without at least one container associated to them" : "all dangling images";
    if (!force && !dryRun && !await confirm(context, `WARNING! This will remove ${what}.`)) return 0;
    const { text, bytes } = await pruneImages(context, all, parseFilters(filter), { dryRun });
    context.stdout.print(text + total(bytes, { dryRun }));
    return 0;
  },
});
