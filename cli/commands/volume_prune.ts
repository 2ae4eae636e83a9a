import { defineCommand } from "../command.ts";
import { filterFlag, parseFilters } from "../format/filters.ts";
import { confirm, dryRunFlag, forceFlag, pruneVolumes, total } from "./prune.ts";

export const command = defineCommand({
  usage: "[OPTIONS]",
  summary: "Remove unused local volumes",
  flags: {
    "all": { type: "bool", short: "a", help: "Remove all unused volumes, not just anonymous ones" },
    "dry-run": dryRunFlag,
    "filter": filterFlag('Provide filter values (e.g. "label=<label>")'),
    "force": forceFlag,
  },
  args: { min: 0, max: 0 },
  async run(context, { all, "dry-run": dryRun, filter, force }) {
    const which = all ? "all local volumes" : "anonymous local volumes";
    const warning = `WARNING! This will remove ${which} not used by at least one container.`;
    if (!force && !dryRun && !await confirm(context, warning)) return 0;
    const filters = { ...parseFilters(filter), ...all && { all: ["true"] } };
    const { text, bytes } = await pruneVolumes(context, filters, { dryRun });
    context.stdout.print(text + total(bytes, { dryRun }));
    return 0;
  },
});
