import type { Filters } from "../../base/container_engine.ts";
import { invalid } from "../../base/errors.ts";
import type { Flag } from "../flags.ts";

/** A `--filter` flag that takes `name=value` any number of times. */
export function filterFlag(help: string, short?: "f"): Flag & { readonly type: "list" } {
  return { type: "list", help, shown: "filter", check, ...(short === undefined ? {} : { short }) };
}

function check(text: string): void {
  if (text !== "" && !text.includes("=")) throw invalid("bad format of filter (expected name=value)");
}

/** The engine's form of what the flag took; names are not case-sensitive. */
export function parseFilters(given: readonly string[]): Record<string, string[]> {
  const filters: Record<string, string[]> = {};
  for (const text of given) {
    if (text === "") continue;
    const equals = text.indexOf("=");
    const name = text.slice(0, equals).trim().toLowerCase();
    (filters[name] ??= []).push(text.slice(equals + 1).trim());
  }
  return filters satisfies Filters;
}
