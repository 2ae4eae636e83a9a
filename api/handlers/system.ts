import type { CheckOptions, CheckProgress, System } from "../../base/container_engine.ts";
import type { Exchange } from "../exchange.ts";
import { sendJson, sendLines, sendNothing } from "../respond.ts";
import { diskUsageFor, infoFor } from "../versions.ts";

/** Clients negotiate by the headers: those of every answer, and these (docker's CLI asks whether to use BuildKit). */
export function ping({ request, response }: Exchange): void {
  const body = request.method === "HEAD" ? "" : "OK";
  response.writeHead(200, {
    "Builder-Version": "1",
    "Docker-Experimental": "false",
    "Swarm": "inactive",
    "Cache-Control": "no-cache, no-store, must-revalidate",
    "Pragma": "no-cache",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": body.length,
  });
  response.end(body);
}

export async function version(exchange: Exchange): Promise<void> {
  sendJson(exchange, await exchange.engine.system.version());
}

export async function info(exchange: Exchange): Promise<void> {
  sendJson(exchange, infoFor(await exchange.engine.system.info(), exchange.version));
}

export async function events(exchange: Exchange): Promise<void> {
  const { engine, query, signal } = exchange;
  const since = seconds(query.time("since")), until = seconds(query.time("until"));
  const events = engine.system.events({
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    filters: query.filters(),
    signal,
  });
  await sendLines(exchange, events, { flush: true });
}

/** Nothing is built here, so there is nothing to prune; docker's `system prune` asks all the same. */
export function pruneBuilds(exchange: Exchange): void {
  sendJson(exchange, { CachesDeleted: null, SpaceReclaimed: 0 });
}

export async function diskUsage(exchange: Exchange): Promise<void> {
  sendJson(exchange, diskUsageFor(await exchange.engine.system.diskUsage(), exchange.version));
}

/**
 * Ours: compares the database with the disk. With `progress` the answer is lines: `{"Progress": …}` as often as there is
 * something to tell, last `{"Result": …}`.
 */
export async function check(exchange: Exchange): Promise<void> {
  const { engine, query, signal } = exchange;
  const options = { repair: query.bool("repair"), digests: query.bool("digests"), signal };
  if (query.bool("progress")) return await sendLines(exchange, checkLines(engine.system, options));
  try {
    sendJson(exchange, await engine.system.check(options));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function* checkLines(system: System, options: CheckOptions) {
  let told: CheckProgress | undefined;
  let wake = () => {};
  const result = system.check({
    ...options,
    progress: (done) => {
      told = done;
      wake();
    },
  });
  const ended = result.then(() => true, () => true);
  while (!await Promise.race([ended, new Promise<false>((resolve) => wake = () => resolve(false))])) {
    yield { Progress: told };
  }
  yield { Result: await result };
}

/** Ours: ends the engine; containers go on. */
export function stopEngine(exchange: Exchange): void {
  exchange.response.once("close", exchange.stop);
  exchange.response.setHeader("Connection", "close");
  sendNothing(exchange);
}

function seconds(nanoseconds: bigint | undefined): number | undefined {
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / 1e9;
}
