import { humanSize } from "../../base/units.ts";
import { defineCommand } from "../command.ts";
import { filterFlag, parseFilters } from "../format/filters.ts";
import { confirm, forceFlag, pruneContainers } from "./prune.ts";
import { dryRunFlag, pruneDryRun } from "./prune_dry_run.ts";

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
    if (dryRun) {
      const { text, bytes } = await pruneDryRun(context, { containers: true }, parseFilters(filter));
      context.stdout.print(`${text}Total reclaimable space: ${humanSize(bytes)}\n`);
      return 0;
    }
    if (!force && !await confirm(context, "WARNING! This will remove all stopped containers.")) return 0;
    const { text, bytes } = await pruneContainers(context, parseFilters(filter));
    context.stdout.print(`${text}Total reclaimed space: ${humanSize(bytes)}\n`);
    return 0;
  },
});
