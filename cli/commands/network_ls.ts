import { defineCommand } from "../command.ts";
import { filterFlag, parseFilters } from "../format/filters.ts";
import { formatHelp, formatList } from "../format/list_format.ts";
import { byName, networkRow, networkView } from "../format/network_view.ts";

export const command = defineCommand({
  usage: "[OPTIONS]",
  summary: "List networks",
  flags: {
    "filter": filterFlag('Provide filter values (e.g. "driver=bridge")', "f"),
    "format": { type: "string", help: formatHelp, default: "" },
    "no-trunc": { type: "bool", help: "Do not truncate the output" },
    "quiet": { type: "bool", short: "q", help: "Only display network IDs" },
  },
  args: { min: 0, max: 0 },
  async run(context, { filter, format, "no-trunc": noTrunc, quiet }) {
    const networks = await context.engine.networks.list(parseFilters(filter));
    const rows = networks.sort(byName).map((network) => networkRow(network, !noTrunc));
    // A template of the user's says more than -q.
    const onlyIds = quiet && ["", "table", "raw"].includes(format);
    context.stdout.print(formatList(networkView, format, onlyIds, rows));
    return 0;
  },
});
