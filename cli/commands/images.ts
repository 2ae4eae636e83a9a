import type { ImageListOptions } from "../../base/container_engine.ts";
import { invalid, unavailable } from "../../base/errors.ts";
import { type Context, defineCommand } from "../command.ts";
import { filterFlag, parseFilters } from "../format/filters.ts";
import { imageCalls, imageRow, imageView } from "../format/image_view.ts";
import { formatHelp, formatList } from "../format/list_format.ts";
import { consoleSize } from "../terminal.ts";

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
    "tree": { type: "bool", help: "Show images as trees of their layers, and what they share" },
  },
  args: { min: 0, max: 1 },
  async run(context, flags, [pattern]) {
    const filters = parseFilters(flags.filter);
    if (pattern !== undefined) (filters["reference"] ??= []).push(pattern);
    if (flags.tree) {
      await showTree(context, flags, { all: flags.all, filters, layers: true });
      return 0;
    }
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

interface TreeFlags {
  readonly digests: boolean;
  readonly format: string;
  readonly quiet: boolean;
  readonly "no-trunc": boolean;
}

/** Ours: docker draws no layers. Programs get the same as `Layers` from `GET /images/json?layers=1`. */
async function showTree(context: Context, flags: TreeFlags, options: ImageListOptions): Promise<void> {
  for (const other of ["digests", "format", "quiet"] as const) {
    if (flags[other]) throw invalid(`conflicting options: cannot specify both --tree and --${other}`);
  }
  const { imageTree } = await import("../format/image_tree.ts");
  const [, columns] = consoleSize(context);
  const images = await context.engine.images.list(options);
  if (images.some(({ Layers }) => Layers === undefined)) throw unavailable("the engine does not tell of layers");
  const width = columns > 0 ? { width: columns } : {};
  context.stdout.print(imageTree(images, { truncate: !flags["no-trunc"], ...width }));
}
