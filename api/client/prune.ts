import type { Filters, PruneOptions } from "../../base/container_engine.ts";
import type { HttpRequest } from "./http.ts";
import { apiPath } from "./path.ts";

/** A prune, or a dry run of one, which no other engine may take for the prune. */
export function pruneRequest(
  path: string,
  filters: Filters | undefined,
  { dryRun = false, without = [] }: PruneOptions = {},
): HttpRequest {
  if (!dryRun) return { method: "POST", path: apiPath(path, { filters }) };
  return { method: "POST", path: apiPath(`${path}/dry-run`, { filters }), json: { Without: without } };
}
