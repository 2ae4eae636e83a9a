/** What goes to a registry and comes from one: pull, push, search, login. */
import type { IncomingMessage } from "node:http";
import type { RegistryAuth } from "../../base/container_engine.ts";
import { invalid } from "../../base/errors.ts";
import { readJson } from "../body.ts";
import type { Exchange } from "../exchange.ts";
import { sendJson, sendLines } from "../respond.ts";
import { endingWithError, referenceOf } from "../image_messages.ts";

/** `POST /images/create?fromImage=`: without tag and digest all tags are meant. */
export async function pull(exchange: Exchange): Promise<void> {
  const { engine, query, request, signal } = exchange;
  const reference = referenceOf(query.text("fromImage"), query.text("tag"));
  if (reference === undefined) throw invalid("invalid reference format: fromImage is missing");
  const platform = query.text("platform");
  const progress = engine.images.pull(reference, {
    allTags: !/@|:[^/]*$/.test(reference),
    ...platform !== undefined && { platform },
    ...headerAuth(request),
    signal,
  });
  await sendLines(exchange, endingWithError(exchange, progress));
}

export async function push(exchange: Exchange): Promise<void> {
  const { engine, name, query, request, signal } = exchange;
  const tag = query.text("tag");
  const reference = tag === undefined ? name : `${name}:${tag}`;
  const progress = engine.images.push(reference, { allTags: tag === undefined, ...headerAuth(request), signal });
  await sendLines(exchange, endingWithError(exchange, progress));
}

export async function search(exchange: Exchange): Promise<void> {
  const { engine, query, request } = exchange;
  const limit = query.int("limit");
  const found = await engine.images.search(query.text("term") ?? "", {
    ...limit && { limit }, // of clients before 1.42, 0 stands for the usual
    filters: query.filters(),
    ...headerAuth(request),
  });
  sendJson(exchange, found);
}

export async function auth(exchange: Exchange): Promise<void> {
  const body = authOf(await readJson(exchange.request));
  sendJson(exchange, await exchange.engine.images.login(body));
}

/** `X-Registry-Auth`: JSON in base64, of either alphabet. What is none, is nobody: Docker pulls nonetheless. */
function headerAuth({ headers }: IncomingMessage): { auth?: RegistryAuth } {
  const header = headers["x-registry-auth"];
  if (typeof header !== "string" || header === "") return {};
  try {
    const bytes = Uint8Array.fromBase64(header.replaceAll("-", "+").replaceAll("_", "/"));
    return { auth: authOf(JSON.parse(new TextDecoder().decode(bytes))) };
  } catch {
    return {};
  }
}

const FIELDS = ["username", "password", "serveraddress", "identitytoken", "registrytoken"] as const;

/** Libraries write the names as they like; Go reads them without regard to case. */
function authOf(value: unknown): RegistryAuth {
  if (typeof value !== "object" || value === null) return {};
  const given = new Map(Object.entries(value).map(([name, one]) => [name.toLowerCase(), one]));
  const found = FIELDS.flatMap((name) => {
    const one = given.get(name);
    return typeof one === "string" && one !== "" ? [[name, one]] : [];
  });
  return Object.fromEntries(found);
}
