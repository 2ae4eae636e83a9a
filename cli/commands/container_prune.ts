import { defineCommand } from "../command.ts";
import { filterFlag, parseFilters } from "../format/filters.ts";
import { confirm, dryRunFlag, forceFlag, pruneContainers, total } from "./prune.ts";

export const command = defineCommand({
  usage: "[OPTIONS]",
  summary: "Remove all stopped containers",
  flags: {
    "dry-run": dryRunFlag,
    filter: filterFlag('Provide filter values (e.g. "until=<timestamp>")'),
    force: forceFlag,
  },
  args: { min: 0, max: 0 },
  async run(context, { "dry-run": dryRun, filter, force }) {
    const warning = "WARNING! This will remove all stopped containers.";
    if (!force && !dryRun && !await confirm(context, warning)) return 0;
    const { text, bytes } = await pruneContainers(context, parseFilters(filter), { dryRun });
    context.stdout.print(text + total(bytes, { dryRun }));
    return 0;
  },
});
