import { defineCommand } from "../command.ts";
import { containerRow, containerView } from "../format/container_view.ts";
import { filterFlag, parseFilters } from "../format/filters.ts";
import { formatHelp, formatList, showsField } from "../format/list_format.ts";

export const command = defineCommand({
  usage: "[OPTIONS]",
  summary: "List containers",
  flags: {
    "all": { type: "bool", short: "a", help: "Show all containers (default shows just running)" },
    "filter": filterFlag("Filter output based on conditions provided", "f"),
    "format": { type: "string", help: formatHelp, default: "" },
    "last": {
      type: "int",
      short: "n",
      help: "Show n last created containers (includes all states)",
      default: -1,
    },
    "latest": { type: "bool", short: "l", help: "Show the latest created container (includes all states)" },
    "no-trunc": { type: "bool", help: "Don't truncate output" },
    "quiet": { type: "bool", short: "q", help: "Only display container IDs" },
    "size": { type: "bool", short: "s", help: "Display total file sizes" },
  },
  args: { min: 0, max: 0 },
  async run(context, flags) {
    if (flags.quiet && flags.format !== "") {
      context.stderr.print("WARNING: Ignoring custom format, because both --format and --quiet are set.\n");
    }
    const limit = flags.last === -1 && flags.latest ? 1 : flags.last;
    const size = flags.size || (!flags.quiet && showsField(flags.format, "Size"));
    const containers = await context.engine.containers.list({
      all: flags.all,
      size,
      filters: parseFilters(flags.filter),
      ...(limit > 0 ? { limit } : {}),
    });
    const now = Date.now() / 1000;
    const rows = containers.map((container) => containerRow(container, !flags["no-trunc"], now));
    context.stdout.print(formatList(containerView(flags.size), flags.format, flags.quiet, rows));
    return 0;
  },
});
