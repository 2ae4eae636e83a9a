import type { ContainerEngine } from "../../base/container_engine.ts";
import { readJson } from "../body.ts";
import type { Handler } from "../exchange.ts";
import { sendJson } from "../respond.ts";
import { pruneWish } from "../schemas.ts";
import { parseShape } from "../shape.ts";

/**
 * Ours: what a prune would remove. It has a path of its own: an engine that knows no dry runs must not take it for the
 * prune itself. The containers that count as gone come in the body: they may be too many for a path.
 */
export function dryRunOf(kind: keyof Pick<ContainerEngine, "containers" | "images" | "networks" | "volumes">): Handler {
  return async (exchange) => {
    const { engine, query, request } = exchange;
    const { Without = [] } = parseShape(pruneWish, await readJson(request) ?? {}, "PruneWish");
    sendJson(exchange, await engine[kind].prune(query.filters(), { dryRun: true, without: Without }));
  };
}
