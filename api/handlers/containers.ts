import type { TerminalSize } from "../../base/container_engine.ts";
import type { ContainerUpdate, WaitCondition } from "../../base/docker/container.ts";
import { invalid } from "../../base/errors.ts";
import { readJson } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { referenceOf } from "../image_messages.ts";
import type { Query } from "../query.ts";
import { sendBytes, sendJson, sendLines, sendNothing, settledSoon } from "../respond.ts";
import { commitConfig, containerCreate, containerUpdate } from "../schemas.ts";
import { parseShape } from "../shape.ts";
import { containerInspectFor, createFrom } from "../versions.ts";

export async function list(exchange: Exchange): Promise<void> {
  const { engine, query } = exchange;
  const limit = query.int("limit");
  const containers = await engine.containers.list({
    all: query.bool("all"),
    ...(limit !== undefined && limit > 0 && { limit }),
    size: query.bool("size"),
    filters: query.filters(),
  });
  sendJson(exchange, containers);
}

export async function create(exchange: Exchange): Promise<void> {
  const { engine, query, request } = exchange;
  const body = parseShape(containerCreate, await readJson(request) ?? missingBody(), "ContainerConfigWrapper");
  const { HostConfig: _host, NetworkingConfig: _networking, ...own } = body;
  if (Object.keys(own).length === 0) throw invalid("config cannot be empty in order to create a container");
  const { config, warnings } = createFrom(body, exchange.version);
  const name = query.text("name"), platform = exchange.version >= 41 ? query.text("platform") : undefined;
  const created = await engine.containers.create(config, {
    ...(name !== undefined && { name }),
    ...(platform !== undefined && { platform }),
  });
  sendJson(exchange, { ...created, Warnings: [...warnings, ...created.Warnings] }, 201);
}

function missingBody(): never {
  throw invalid("invalid JSON: got EOF while reading request body");
}

export async function inspect(exchange: Exchange): Promise<void> {
  const { engine, name, query } = exchange;
  const found = await engine.containers.inspect(name, { size: query.bool("size") });
  sendJson(exchange, containerInspectFor(found, exchange.version));
}

export async function top(exchange: Exchange): Promise<void> {
  sendJson(exchange, await exchange.engine.containers.top(exchange.name, exchange.query.text("ps_args")));
}

export async function changes(exchange: Exchange): Promise<void> {
  sendJson(exchange, await exchange.engine.containers.changes(exchange.name));
}

export async function exportTar(exchange: Exchange): Promise<void> {
  await sendBytes(exchange, await exchange.engine.containers.export(exchange.name), "application/x-tar");
}

/** A configuration in the body stands for the container's; who has none to give, docker's CLI among them, sends `{}`. */
export async function commit(exchange: Exchange): Promise<void> {
  const { engine, query, request, signal } = exchange;
  const config = parseShape(commitConfig, await readJson(request) ?? {}, "Config");
  const container = query.text("container");
  if (!container) throw invalid("invalid container name or ID: value is empty");
  const reference = referenceOf(query.text("repo"), query.text("tag"));
  const author = query.text("author"), comment = query.text("comment");
  try {
    const created = await engine.containers.commit(container, {
      ...(reference !== undefined && { reference }),
      ...(author !== undefined && { author }),
      ...(comment !== undefined && { comment }),
      changes: query.list("changes"),
      pause: query.bool("pause", true),
      ...(Object.keys(config).length > 0 && { config }),
      signal,
    });
    sendJson(exchange, created, 201);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

export async function start(exchange: Exchange): Promise<void> {
  const { engine, name, query, request } = exchange;
  // Docker's own measure: `null` and `{}` pass, anything that says something does not.
  if (request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 7) {
    throw invalid(
      "starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24",
    );
  }
  const explain = query.bool("explain"); // ours
  const explained = await engine.containers.start(name, { explain });
  if (explain) sendJson(exchange, explained);
  else sendNothing(exchange);
}

export async function stop(exchange: Exchange): Promise<void> {
  await exchange.engine.containers.stop(exchange.name, stopOptions(exchange));
  sendNothing(exchange);
}

export async function restart(exchange: Exchange): Promise<void> {
  await exchange.engine.containers.restart(exchange.name, stopOptions(exchange));
  sendNothing(exchange);
}

function stopOptions({ query, version }: Exchange): { signal?: string; timeout?: number } {
  const timeout = query.int("t");
  const signal = version >= 42 ? query.text("signal") : undefined;
  return { ...(signal !== undefined && { signal }), ...(timeout !== undefined && { timeout }) };
}

export async function kill(exchange: Exchange): Promise<void> {
  const signal = exchange.query.text("signal");
  await exchange.engine.containers.kill(exchange.name, signal === undefined ? {} : { signal });
  sendNothing(exchange);
}

export async function pause(exchange: Exchange): Promise<void> {
  await exchange.engine.containers.pause(exchange.name);
  sendNothing(exchange);
}

export async function unpause(exchange: Exchange): Promise<void> {
  await exchange.engine.containers.unpause(exchange.name);
  sendNothing(exchange);
}

export async function rename(exchange: Exchange): Promise<void> {
  await exchange.engine.containers.rename(exchange.name, exchange.query.text("name") ?? "");
  sendNothing(exchange);
}

export async function update(exchange: Exchange): Promise<void> {
  const body = parseShape(containerUpdate, await readJson(exchange.request) ?? {}, "UpdateConfig");
  sendJson(exchange, await exchange.engine.containers.update(exchange.name, body as ContainerUpdate));
}

export async function remove(exchange: Exchange): Promise<void> {
  const { engine, name, query } = exchange;
  await engine.containers.remove(name, { force: query.bool("force"), volumes: query.bool("v") });
  sendNothing(exchange);
}

export async function prune(exchange: Exchange): Promise<void> {
  sendJson(exchange, await exchange.engine.containers.prune(exchange.query.filters()));
}

/**
 * The headers go out as soon as the waiter is in place, not with the result: docker's CLI starts the container only
 * after it has seen them. Before 1.30 there was nothing but the result, and no condition.
 */
export async function wait(exchange: Exchange): Promise<void> {
  const { engine, name, query, response, signal, version } = exchange;
  const condition = version < 30 ? "not-running" : waitCondition(query.text("condition") ?? "not-running");
  const result = engine.containers.wait(name, { condition, signal });
  response.setHeader("Content-Type", "application/json");
  if (version >= 30) {
    await settledSoon(result);
    response.flushHeaders();
  }
  try {
    response.end(`${JSON.stringify(await result)}\n`);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function waitCondition(text: string): WaitCondition {
  if (text === "not-running" || text === "next-exit" || text === "removed") return text;
  throw invalid(`invalid condition: ${JSON.stringify(text)}`);
}

export async function stats(exchange: Exchange): Promise<void> {
  const { engine, name, query, signal, version } = exchange;
  const stream = query.bool("stream", true);
  const oneShot = version >= 41 && query.bool("one-shot");
  if (stream && oneShot) throw invalid("cannot have stream=true and one-shot=true");
  const samples = await engine.containers.stats(name, { stream, oneShot, signal });
  await sendLines(exchange, samples, { flush: stream });
}

export async function resize(exchange: Exchange): Promise<void> {
  await exchange.engine.containers.resize(exchange.name, terminalSize(exchange.query));
  sendNothing(exchange, 200);
}

/** @throws `invalid` when `h` or `w` is missing or no number. */
export function terminalSize(query: Query): TerminalSize {
  const rows = query.int("h"), columns = query.int("w");
  if (rows === undefined || columns === undefined || Math.min(rows, columns) < 0 || Math.max(rows, columns) > 65535) {
    throw invalid("invalid terminal size: h and w must be numbers from 0 to 65535");
  }
  return { rows, columns };
}

/** Ours: what a start would replay, and what was done for the networks of one that runs (`--explain`). */
export async function tape(exchange: Exchange): Promise<void> {
  sendJson(exchange, await exchange.engine.containers.explain(exchange.name));
}
