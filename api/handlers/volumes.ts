import type { VolumeCreate } from "../../base/docker/volume.ts";
import { invalid } from "../../base/errors.ts";
import { bodyStream, readJson } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { sendBytes, sendJson, sendNothing } from "../respond.ts";
import { volumeCreate } from "../schemas.ts";
import { parseShape } from "../shape.ts";

export async function list(exchange: Exchange): Promise<void> {
  const { engine, query } = exchange;
  sendJson(exchange, { Volumes: await engine.volumes.list(query.filters()), Warnings: null });
}

export async function inspect(exchange: Exchange): Promise<void> {
  const { engine, name, query } = exchange;
  sendJson(exchange, await engine.volumes.inspect(name, { size: query.bool("size") }));
}

export async function create(exchange: Exchange): Promise<void> {
  const given = await readJson(exchange.request);
  if (given === undefined) throw invalid("invalid JSON: got EOF while reading request body");
  const config = parseShape(volumeCreate, given, "CreateOptions");
  sendJson(exchange, await exchange.engine.volumes.create(config as VolumeCreate), 201);
}

export async function remove(exchange: Exchange): Promise<void> {
  const { engine, name, query } = exchange;
  await engine.volumes.remove(name, { force: query.bool("force") });
  sendNothing(exchange);
}

/** Until 1.42 those with a name went, too, without being asked for. */
export async function prune(exchange: Exchange): Promise<void> {
  const { engine, query, version } = exchange;
  const given = query.filters();
  const filters = version < 42 ? { ...given, all: ["true"] } : given;
  sendJson(exchange, await engine.volumes.prune(filters));
}

export async function rename(exchange: Exchange): Promise<void> {
  const { engine, name } = exchange;
  await engine.volumes.rename(name, newName(exchange));
  sendNothing(exchange);
}

export async function clone(exchange: Exchange): Promise<void> {
  const { engine, name } = exchange;
  sendJson(exchange, await engine.volumes.clone(name, newName(exchange)), 201);
}

export async function exportTar(exchange: Exchange): Promise<void> {
  await sendBytes(exchange, await exchange.engine.volumes.export(exchange.name), "application/x-tar");
}

export async function importTar(exchange: Exchange): Promise<void> {
  const { engine, name, request } = exchange;
  await engine.volumes.import(name, bodyStream(request));
  sendNothing(exchange, 200);
}

function newName({ query }: Exchange): string {
  const name = query.text("name");
  if (name === undefined || name === "") throw invalid("the new name is missing");
  return name;
}
