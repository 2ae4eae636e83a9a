import type { Bytes, TarFile } from "../../base/container_engine.ts";
import { invalid, unimplemented } from "../../base/errors.ts";
import { bodyStream } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { endingWithError, referenceOf } from "../image_messages.ts";
import { sendBytes, sendJson, sendLines, sendNothing } from "../respond.ts";
import { pull } from "./registries.ts";
import { imageInspectFor, imageSummariesFor } from "../versions.ts";

export async function list(exchange: Exchange): Promise<void> {
  const { engine, query, version } = exchange;
  const filters = query.filters();
  // Until 1.40 the reference had a parameter of its own.
  const reference = version < 41 ? query.text("filter") : undefined;
  const images = await engine.images.list({
    all: query.bool("all"),
    filters: reference === undefined ? filters : { ...filters, reference: [...filters["reference"] ?? [], reference] },
    sharedSize: version >= 42 && query.bool("shared-size"),
    layers: query.bool("layers"), // ours
  });
  sendJson(exchange, imageSummariesFor(images, version));
}

export async function inspect(exchange: Exchange): Promise<void> {
  sendJson(exchange, imageInspectFor(await exchange.engine.images.inspect(exchange.name), exchange.version));
}

export async function history(exchange: Exchange): Promise<void> {
  sendJson(exchange, await exchange.engine.images.history(exchange.name));
}

export async function tag(exchange: Exchange): Promise<void> {
  const { engine, name, query } = exchange;
  const reference = referenceOf(query.text("repo"), query.text("tag"));
  if (reference === undefined) throw invalid("invalid reference format: repo is missing");
  await engine.images.tag(name, reference);
  sendNothing(exchange, 201);
}

export async function remove(exchange: Exchange): Promise<void> {
  const { engine, name, query } = exchange;
  const options = { force: query.bool("force"), noPrune: query.bool("noprune") };
  sendJson(exchange, await engine.images.remove(name, options));
}

export async function prune(exchange: Exchange): Promise<void> {
  sendJson(exchange, await exchange.engine.images.prune(exchange.query.filters()));
}

/**
 * The tar in the body; or, ours, in a file that the client has open, told by path, device and inode.
 * @throws `unimplemented` where its path leads to another file for us, or to none: then it must be sent
 */
async function tarOf({ query, request }: Exchange): Promise<ReadableStream<Bytes> | TarFile> {
  const path = query.text("path");
  if (path === undefined) return bodyStream(request);
  const there = await Deno.stat(path).catch(() => undefined);
  if (there === undefined || `${there.dev}:${there.ino}` !== query.text("file")) {
    throw unimplemented(`${path} is another file here, or none: send it`);
  }
  return { path };
}

export async function load(exchange: Exchange): Promise<void> {
  const { engine, query, signal } = exchange;
  const progress = engine.images.load(await tarOf(exchange), { quiet: query.bool("quiet", true), signal });
  await sendLines(exchange, endingWithError(exchange, progress));
}

/** `POST /images/create` is two things: an import (`fromSrc`) and a pull (`fromImage`). */
export async function create(exchange: Exchange): Promise<void> {
  const { engine, query, signal } = exchange;
  const source = query.text("fromSrc");
  if (source === undefined) return await pull(exchange);
  if (source !== "-") throw unimplemented("importing from a URL is not implemented, send the tar instead");
  const reference = referenceOf(query.text("repo"), query.text("tag"));
  const message = query.text("message"), platform = query.text("platform");
  const progress = engine.images.import(await tarOf(exchange), {
    ...(reference !== undefined && { reference }),
    ...(message !== undefined && { message }),
    ...(platform !== undefined && { platform }),
    changes: query.list("changes"),
    signal,
  });
  await sendLines(exchange, endingWithError(exchange, progress));
}

export async function save(exchange: Exchange): Promise<void> {
  await sendImages(exchange, exchange.query.list("names"));
}

export async function saveOne(exchange: Exchange): Promise<void> {
  await sendImages(exchange, [exchange.name]);
}

async function sendImages(exchange: Exchange, names: readonly string[]): Promise<void> {
  await sendBytes(exchange, await exchange.engine.images.save(names), "application/x-tar");
}
