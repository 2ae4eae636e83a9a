import * as v from "valibot";
import type { ImageSearchOptions } from "../../base/container_engine.ts";
import type { ImageSearchResult } from "../../base/docker/image.ts";
import { invalid, unavailable } from "../../base/errors.ts";
import { MAXIMUM_JSON, parseJson } from "../json.ts";
import { endpointsOf, type RegistrySettings } from "./endpoint.ts";
import { StatusError } from "./registry_error.ts";
import { RegistrySession } from "./session.ts";

const USUAL = 25;
const MOST = 100;
const FILTERS = ["is-automated", "is-official", "stars"];
/** Where Docker Hub looks for images: not where it gives them out. */
const HUB = "index.docker.io";

const found = v.object({
  results: v.nullish(
    v.array(v.object({
      name: v.string(),
      description: v.nullish(v.string(), ""),
      star_count: v.nullish(v.number(), 0),
      is_official: v.nullish(v.boolean(), false),
      is_automated: v.nullish(v.boolean(), false),
    })),
    [],
  ),
});
const catalog = v.object({ repositories: v.nullish(v.array(v.string()), []) });

/**
 * Looks for images by a word. A registry other than Docker Hub mostly has no search: there the names of its catalogue
 * that hold the word are given.
 * @throws invalid in Docker's words
 */
export async function searchImages(
  settings: RegistrySettings,
  term: string,
  { limit = USUAL, filters = {}, auth }: ImageSearchOptions = {},
): Promise<ImageSearchResult[]> {
  if (limit < 1 || limit > MOST) throw invalid(`limit ${limit} is outside the range of [1, ${MOST}]`);
  if (term.includes("://")) {
    throw invalid(`invalid repository name: repository name (${term}) should not have a scheme`);
  }
  const fits = filterOf(filters);
  const { domain, words } = splitTerm(term);
  const endpoint = endpointsOf(domain, settings).at(-1); // not a mirror
  if (endpoint === undefined) return [];
  const isHub = domain === "docker.io";
  using session = await RegistrySession.open(isHub ? { ...endpoint, host: HUB } : endpoint, settings, {
    repository: "",
    actions: "",
    ...auth !== undefined && { auth },
    signal: AbortSignal.timeout(60_000),
  });
  const results = await bySearch(session, words, limit) ?? (isHub ? [] : await byCatalog(session, words));
  const prefix = isHub ? "" : `${domain}/`;
  return results.filter(fits).slice(0, limit).map((one) => ({ ...one, name: `${prefix}${one.name}` }));
}

function splitTerm(term: string): { domain: string; words: string } {
  const slash = term.indexOf("/");
  const first = term.slice(0, Math.max(slash, 0));
  const isHost = /[.:]/.test(first) || first === "localhost";
  if (!isHost) return { domain: "docker.io", words: term.replace(/^library\//, "") };
  return { domain: /^(index\.)?docker\.io$/.test(first) ? "docker.io" : first, words: term.slice(slash + 1) };
}

function filterOf(filters: NonNullable<ImageSearchOptions["filters"]>): (one: ImageSearchResult) => boolean {
  const unknown = Object.keys(filters).find((key) => !FILTERS.includes(key));
  if (unknown !== undefined) throw invalid(`invalid filter '${unknown}'`);
  const flag = (key: string) => {
    const value = filters[key]?.at(-1);
    if (value === undefined) return undefined;
    if (/^(1|true)$/i.test(value)) return true;
    if (/^(0|false)$/i.test(value)) return false;
    throw invalid(`invalid filter '${key}=[${value}]'`);
  };
  const [official, automated] = [flag("is-official"), flag("is-automated")];
  const stars = Math.max(
    0,
    ...(filters["stars"] ?? []).map((text) => {
      if (!/^\d+$/.test(text)) throw invalid(`invalid filter 'stars=[${text}]'`);
      return Number(text);
    }),
  );
  return (one) =>
    (official === undefined || one.is_official === official) &&
    (automated === undefined || one.is_automated === automated) && one.star_count >= stars;
}

/** The search of Docker Hub and of registries of old; undefined where there is none. */
async function bySearch(
  session: RegistrySession,
  words: string,
  limit: number,
): Promise<ImageSearchResult[] | undefined> {
  const url = new URL("../v1/search", session.root);
  url.searchParams.set("q", words);
  url.searchParams.set("n", String(limit));
  try {
    const bytes = await session.read(await session.call(url), MAXIMUM_JSON, "the search");
    return parseJson(bytes, found, "what was found").results;
  } catch (error) {
    if (error instanceof StatusError && error.status !== 401) return undefined;
    throw error;
  }
}

async function byCatalog(session: RegistrySession, words: string): Promise<ImageSearchResult[]> {
  const url = new URL("_catalog", session.root);
  url.searchParams.set("n", "1000");
  try {
    const bytes = await session.read(
      await session.call(url, { scopes: ["registry:catalog:*"] }),
      MAXIMUM_JSON,
      "the catalogue",
    );
    const { repositories } = parseJson(bytes, catalog, "the catalogue");
    return repositories.filter((name) => name.includes(words)).map((name) => {
      return { name, description: "", star_count: 0, is_official: false, is_automated: false };
    });
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    throw unavailable(`the registry ${session.host} can neither search nor list: ${error.message}`);
  }
}
