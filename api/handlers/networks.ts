import type { EndpointSettings, NetworkCreate } from "../../base/docker/network.ts";
import { invalid } from "../../base/errors.ts";
import { readJson } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { sendJson, sendNothing } from "../respond.ts";
import { networkConnect, networkCreate, networkDisconnect } from "../schemas.ts";
import { parseShape } from "../shape.ts";
import { endpointFrom, networksFor } from "../versions.ts";

export async function list(exchange: Exchange): Promise<void> {
  const { engine, query, version } = exchange;
  sendJson(exchange, networksFor(await engine.networks.list(query.filters()), version));
}

export async function inspect(exchange: Exchange): Promise<void> {
  const { engine, name, query } = exchange;
  const verbose = query.text("verbose");
  // Of Swarm's services, which are not here; what is no bool is refused all the same, as Go's ParseBool reads it.
  if (verbose !== undefined && !/^(1|t|true|0|f|false)$/i.test(verbose)) {
    throw invalid(`invalid value for verbose: ${verbose}`);
  }
  sendJson(exchange, await engine.networks.inspect(name));
}

export async function create(exchange: Exchange): Promise<void> {
  const { ConfigOnly, ConfigFrom, EnableIPv4, ...config } = await body(exchange, networkCreate, "CreateRequest");
  if (ConfigOnly || ConfigFrom?.Network) throw invalid("configuration-only networks are not supported");
  if (EnableIPv4 === false) throw invalid("networks without IPv4 are not supported");
  if (config.Name === undefined || config.Name.trim() === "") throw invalid("invalid network name: name is empty");
  const explain = exchange.query.bool("explain"); // ours
  sendJson(exchange, await exchange.engine.networks.create(config as NetworkCreate, { explain }), 201);
}

export async function remove(exchange: Exchange): Promise<void> {
  await exchange.engine.networks.remove(exchange.name);
  sendNothing(exchange);
}

export async function connect(exchange: Exchange): Promise<void> {
  const { engine, name, query, version } = exchange;
  const { Container = "", EndpointConfig } = await body(exchange, networkConnect, "ConnectOptions");
  const endpoint = EndpointConfig && endpointFrom(EndpointConfig as EndpointSettings, version);
  const explain = query.bool("explain"); // ours
  const explained = await engine.networks.connect(name, Container, endpoint, { explain });
  if (explain) sendJson(exchange, explained);
  else sendNothing(exchange, 200);
}

export async function disconnect(exchange: Exchange): Promise<void> {
  const { engine, name } = exchange;
  const { Container = "", Force = false } = await body(exchange, networkDisconnect, "DisconnectOptions");
  await engine.networks.disconnect(name, Container, { force: Force });
  sendNothing(exchange, 200);
}

export async function prune(exchange: Exchange): Promise<void> {
  sendJson(exchange, await exchange.engine.networks.prune(exchange.query.filters()));
}

async function body<const S extends Parameters<typeof parseShape>[0]>(exchange: Exchange, schema: S, root: string) {
  const given = await readJson(exchange.request);
  if (given === undefined) throw invalid("invalid JSON: got EOF while reading request body");
  return parseShape(schema, given, root);
}
