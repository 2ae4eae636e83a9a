import type { Filters, PruneOptions } from "../../base/container_engine.ts";
import type { HttpRequest } from "./http.ts";
import { apiPath } from "./path.ts";

/** A prune, or a dry run of one. */
export function pruneRequest(
  path: string,
  filters: Filters | undefined,
  { dryRun = false, without = [] }: PruneOptions = {},
): HttpRequest {
  const request = { method: "POST", path: apiPath(path, { filters, "dry-run": dryRun }) } as const;
  return dryRun && without.length > 0 ? { ...request, json: { Without: without } } : request;
}
