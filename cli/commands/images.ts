import { defineCommand } from "../command.ts";
import { filterFlag, parseFilters } from "../format/filters.ts";
import { imageCalls, imageRow, imageView } from "../format/image_view.ts";
import { formatHelp, formatList } from "../format/list_format.ts";

export const command = defineCommand({
  usage: "[OPTIONS] [REPOSITORY[:TAG]]",
  summary: "List images",
  flags: {
    "all": { type: "bool", short: "a", help: "Show all images (default hides intermediate images)" },
    "digests": { type: "bool", help: "Show digests" },
    "filter": filterFlag("Filter output based on conditions provided", "f"),
    "format": { type: "string", help: formatHelp, default: "" },
    "no-trunc": { type: "bool", help: "Don't truncate output" },
    "quiet": { type: "bool", short: "q", help: "Only show image IDs" },
  },
  args: { min: 0, max: 1 },
  async run(context, flags, [pattern]) {
    const filters = parseFilters(flags.filter);
    if (pattern !== undefined) (filters["reference"] ??= []).push(pattern);
    const images = await context.engine.images.list({ all: flags.all, filters });
    const digests = flags.digests || flags.format.includes("{{.Digest}}");
    const table = flags.format.startsWith("table ") && flags.digests && !flags.format.includes("{{.Digest}}");
    const format = table ? `${flags.format}\t{{.Digest}}` : flags.format;
    const now = Date.now() / 1000;
    const rows = images.flatMap((image) =>
      imageCalls(image, digests).map((call) => imageRow(image, call, !flags["no-trunc"], now))
    );
    context.stdout.print(formatList(imageView(flags.digests), format, flags.quiet, rows));
    return 0;
  },
});
