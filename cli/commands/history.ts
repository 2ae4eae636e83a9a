import type { ImageHistoryItem } from "../../base/docker/image.ts";
import { shortId } from "../../base/names.ts";
import { humanDuration, humanSize } from "../../base/units.ts";
import { defineCommand } from "../command.ts";
import { localRfc3339 } from "../format/go_time.ts";
import { formatHelp, formatList, type ListView, type Row } from "../format/list_format.ts";
import { ellipsis } from "../format/text_columns.ts";

/** Builders that want reproducible images write a date of 1970 or 1980: no age is shown from before 2000. */
const firstAge = Date.UTC(2000, 0, 1) / 1000;

function view(human: boolean): ListView {
  return {
    typeName: "history entry",
    headers: {
      ID: "IMAGE",
      CreatedSince: "CREATED",
      CreatedAt: "CREATED AT",
      CreatedBy: "CREATED BY",
      Size: "SIZE",
      Comment: "COMMENT",
    },
    table: `table {{.ID}}\t{{.${human ? "CreatedSince" : "CreatedAt"}}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}`,
    quiet: "{{.ID}}",
  };
}

function row(item: ImageHistoryItem, human: boolean, truncate: boolean, now: number): Row {
  const createdAt = localRfc3339(item.Created);
  const age = item.Created <= firstAge ? "N/A" : `${humanDuration(now - item.Created)} ago`;
  const createdBy = item.CreatedBy.replaceAll("\t", " ");
  return {
    Comment: item.Comment,
    CreatedAt: createdAt,
    CreatedBy: truncate ? ellipsis(createdBy, 45) : createdBy,
    CreatedSince: human ? age : createdAt,
    ID: truncate ? shortId(item.Id) : item.Id,
    Size: human ? humanSize(item.Size, 3) : String(item.Size),
  };
}

export const command = defineCommand({
  usage: "[OPTIONS] IMAGE",
  summary: "Show the history of an image",
  flags: {
    "format": { type: "string", help: formatHelp, default: "" },
    "human": { type: "bool", short: "H", help: "Print sizes and dates in human readable format", default: true },
    "no-trunc": { type: "bool", help: "Don't truncate output" },
    "quiet": { type: "bool", short: "q", help: "Only show image IDs" },
  },
  args: { min: 1, max: 1 },
  async run(context, flags, [image = ""]) {
    const history = await context.engine.images.history(image);
    const now = Date.now() / 1000;
    const rows = history.map((item) => row(item, flags.human, !flags["no-trunc"], now));
    context.stdout.print(formatList(view(flags.human), flags.format, flags.quiet, rows));
    return 0;
  },
});
