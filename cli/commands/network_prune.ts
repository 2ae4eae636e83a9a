import { defineCommand } from "../command.ts";
import { filterFlag, parseFilters } from "../format/filters.ts";
import { confirm, dryRunFlag, forceFlag, pruneNetworks } from "./prune.ts";

export const command = defineCommand({
  usage: "[OPTIONS]",
  summary: "Remove all unused networks",
  flags: {
    "dry-run": dryRunFlag,
    filter: filterFlag('Provide filter values (e.g. "until=<timestamp>")'),
    force: forceFlag,
  },
  args: { min: 0, max: 0 },
  async run(context, { "dry-run": dryRun, filter, force }) {
    const warning = "WARNING! This will remove all custom networks not used by at least one container.";
    if (!force && !dryRun && !await confirm(context, warning)) return 0;
    context.stdout.print((await pruneNetworks(context, parseFilters(filter), { dryRun })).text);
    return 0;
  },
});
