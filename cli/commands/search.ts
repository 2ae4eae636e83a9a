import type { ImageSearchResult } from "../../base/docker/image.ts";
import { defineCommand } from "../command.ts";
import { filterFlag, parseFilters } from "../format/filters.ts";
import { formatHelp, formatList, type ListView, type Row } from "../format/list_format.ts";
import { authFor } from "../registry_auth.ts";

const view: ListView = {
  typeName: "*formatter.SearchContext",
  headers: {
    Name: "NAME",
    Description: "DESCRIPTION",
    StarCount: "STARS",
    IsOfficial: "OFFICIAL",
    IsAutomated: "AUTOMATED",
  },
  table: "table {{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}",
};

const LONGEST = 45;

export const command = defineCommand({
  usage: "[OPTIONS] TERM",
  summary: "Search a registry for images",
  flags: {
    "filter": filterFlag("Filter output based on conditions provided", "f"),
    "format": { type: "string", help: formatHelp, default: "" },
    "limit": { type: "int", help: "Max number of search results", default: 25 },
    "no-trunc": { type: "bool", help: "Don't truncate output" },
  },
  args: { min: 1, max: 1 },
  async run(context, flags, [term = ""]) {
    const { limit, format, filter } = flags;
    const found = await context.engine.images.search(term, {
      limit,
      filters: parseFilters(filter),
      ...await authFor(context, term),
    });
    const rows = found.sort((a, b) => b.star_count - a.star_count).map((one) => rowOf(one, !flags["no-trunc"]));
    context.stdout.print(formatList(view, format, false, rows));
    return 0;
  },
});

function rowOf(one: ImageSearchResult, shorten: boolean): Row {
  const text = one.description.replaceAll(/[\r\n]+/g, " ");
  const ok = (is: boolean) => is ? "[OK]" : "";
  return {
    Description: shorten && text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text,
    IsAutomated: ok(one.is_automated),
    IsOfficial: ok(one.is_official),
    Name: one.name,
    StarCount: String(one.star_count),
  };
}
