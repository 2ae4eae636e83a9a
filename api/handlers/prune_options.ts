import type { PruneOptions } from "../../base/container_engine.ts";
import { readJson } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { pruneWish } from "../schemas.ts";
import { parseShape } from "../shape.ts";

/** Ours: `dry-run`, and in the body the containers that then count as gone, which may be too many for a path. */
export async function pruneOptions({ query, request }: Exchange): Promise<PruneOptions> {
  if (!query.bool("dry-run")) return {};
  const { Without = [] } = parseShape(pruneWish, await readJson(request) ?? {}, "PruneWish");
  return { dryRun: true, without: Without };
}
