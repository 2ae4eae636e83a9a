import { invalid } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { filterFlag, parseFilters } from "../format/filters.ts";
import { formatHelp, formatList } from "../format/list_format.ts";
import { inNaturalOrder } from "../format/natural_order.ts";
import { volumeRow, volumeView } from "../format/volume_view.ts";

export const command = defineCommand({
  usage: "[OPTIONS]",
  summary: "List volumes",
  flags: {
    cluster: {
      type: "bool",
      hidden: true,
      help: "Display only cluster volumes, and use cluster volume list formatting",
    },
    filter: filterFlag('Provide filter values (e.g. "dangling=true")', "f"),
    format: { type: "string", help: formatHelp, default: "" },
    quiet: { type: "bool", short: "q", help: "Only display volume names" },
  },
  args: { min: 0, max: 0 },
  async run(context, { cluster, filter, format, quiet }) {
    if (cluster) throw invalid("cluster volumes belong to Docker's swarm, which is not served");
    const volumes = await context.engine.volumes.list(parseFilters(filter));
    const rows = inNaturalOrder(volumes, ({ Name }) => Name).map(volumeRow);
    // A template of the user's says more than -q.
    const onlyNames = quiet && ["", "table", "raw"].includes(format);
    context.stdout.print(formatList(volumeView, format, onlyNames, rows));
    return 0;
  },
});
