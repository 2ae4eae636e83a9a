/** From a name to the one manifest that is meant, through lists, with everything verified. */
import type * as v from "valibot";
import type { Bytes } from "../../base/container_engine.ts";
import { invalid, notFound } from "../../base/errors.ts";
import { digestOf } from "../digest.ts";
import { type ImageConfig, parseImageConfig } from "../image_config.ts";
import { MAXIMUM_JSON, parseJson } from "../json.ts";
import {
  checkMediaType,
  CONFIGS,
  type Descriptor,
  index,
  INDEXES,
  LAYER,
  manifest,
  MANIFESTS,
  MEDIA,
} from "../oci_layout.ts";
import { familiar, type Reference } from "../reference.ts";
import { fitness, type Platform, platformText } from "./platform.ts";
import { StatusError } from "./registry_error.ts";
import type { RegistrySession } from "./session.ts";

/** An index may name an index. */
const MAXIMUM_NESTING = 4;
const ACCEPT = [...INDEXES, ...MANIFESTS].join(", ");
const SCHEMA_1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+(json|prettyjws)$/;

/** An image as a registry describes it. */
export interface RemoteImage {
  /** Of what the name led to: a list, mostly. */
  readonly digest: string;
  /** Of the configuration. */
  readonly id: string;
  readonly config: Bytes;
  /** The lowest first. */
  readonly layers: readonly RemoteLayer[];
}

export interface RemoteLayer {
  readonly digest: string;
  /** In bytes, as it is kept there. */
  readonly size: number;
  readonly mediaType: string;
  /** Of the uncompressed tar, as the configuration has it. */
  readonly diffId: string;
}

interface Fetched {
  readonly bytes: Bytes;
  readonly digest: string;
  readonly mediaType: string;
}

/** What `reference` means for `platform`. @throws `not_found` in Docker's words; invalid for a liar */
export async function remoteImage(
  session: RegistrySession,
  reference: Reference,
  platform: Platform,
  isAsked: boolean,
): Promise<RemoteImage> {
  const top = await fetchNamed(session, reference);
  const found = await resolve(session, top, platform, MAXIMUM_NESTING);
  if (found === undefined) {
    throw notFound(`no matching manifest for ${platformText(platform)} in the manifest list entries`);
  }
  const body = parseManifest(found);
  const config = await fetchConfig(session, body.config);
  const parsed = parseImageConfig(config);
  if (isAsked) checkPlatform(reference, platform, parsed);
  const { rootfs: { diff_ids: diffIds } } = parsed;
  if (diffIds.length !== body.layers.length) {
    throw invalid(`the manifest ${found.digest} has ${body.layers.length} layers, its image ${diffIds.length}`);
  }
  const layers = body.layers.map(({ digest, size, mediaType }, i) => ({
    digest,
    size,
    mediaType,
    diffId: diffIds[i] ?? "",
  }));
  return { digest: top.digest, id: digestOf(config), config, layers };
}

async function fetchNamed(session: RegistrySession, reference: Reference): Promise<Fetched> {
  try {
    return await fetchManifest(session, reference.digest ?? reference.tag ?? "", reference.digest);
  } catch (error) {
    throw explained(error, reference);
  }
}

/** Docker's sentences for what is not there, or may not be seen: which of the two, the registry does not tell. */
function explained(error: unknown, reference: Reference): unknown {
  if (!(error instanceof StatusError)) return error;
  const { domain, path } = reference;
  if (error.status === 404) return notFound(`manifest for ${familiar(reference)} not found: ${error.message}`);
  if (error.status !== 401 && error.status !== 403) return error;
  return notFound(
    `pull access denied for ${familiar({ domain, path })}, repository does not exist or may require ` +
      `'sauropod login' or 'docker login': ${error.message}`,
  );
}

async function fetchManifest(session: RegistrySession, name: string, expected?: string): Promise<Fetched> {
  const what = `the manifest ${name}`;
  const answer = await session.call(session.url(`manifests/${name}`), { headers: { accept: ACCEPT } });
  const bytes = await session.read(answer, MAXIMUM_JSON, what);
  const digest = digestOf(bytes);
  if (expected !== undefined && digest !== expected) {
    throw invalid(`manifest verification failed for digest ${expected}: it is ${digest}`);
  }
  return { bytes, digest, mediaType: mediaTypeOf(answer.response, bytes, what) };
}

/** By the header; where that says nothing, by the body. */
function mediaTypeOf(response: Response, bytes: Bytes, what: string): string {
  const header = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (SCHEMA_1.test(header)) {
    throw invalid(`${what} has Docker's image format of before 2016 (schema 1), which nobody takes any more`);
  }
  if (INDEXES.includes(header) || MANIFESTS.includes(header)) return header;
  if (isIndex(bytes)) return MEDIA.index;
  return MEDIA.manifest; // if it is none, its schema says so
}

function isIndex(bytes: Bytes): boolean {
  try {
    const body: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof body === "object" && body !== null && "manifests" in body;
  } catch {
    return false;
  }
}

/** The manifest of one image, behind any number of lists; undefined when there is none for the platform. */
async function resolve(
  session: RegistrySession,
  fetched: Fetched,
  platform: Platform,
  nesting: number,
): Promise<Fetched | undefined> {
  if (MANIFESTS.includes(fetched.mediaType)) return fetched;
  if (nesting === 0) throw invalid(`the index ${fetched.digest} is nested too deeply`);
  const { manifests, mediaType } = parseJson(fetched.bytes, index, `the index ${fetched.digest}`);
  checkBody(fetched, mediaType);
  for (const one of ranked(manifests, platform)) {
    const next = await fetchManifest(session, one.digest, one.digest);
    checkSize(one, next.bytes);
    if (next.mediaType !== one.mediaType) {
      throw invalid(`${one.digest} is announced as ${one.mediaType} and sent as ${next.mediaType}`);
    }
    const found = await resolve(session, next, platform, nesting - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The entries for the platform, the best first; what says no platform may be for any. */
function ranked(entries: readonly Descriptor[], wanted: Platform): Descriptor[] {
  return entries.filter(({ mediaType }) => INDEXES.includes(mediaType) || MANIFESTS.includes(mediaType))
    .map((entry) => ({ entry, rank: rankOf(entry, wanted) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank)
    .map(({ entry }) => entry);
}

function rankOf({ platform }: Descriptor, wanted: Platform): number {
  if (platform === null || platform === undefined) return 1;
  return fitness(wanted, { ...platform, variant: platform.variant ?? undefined });
}

function parseManifest(found: Fetched): v.InferOutput<typeof manifest> {
  const body = parseJson(found.bytes, manifest, `the manifest ${found.digest}`);
  checkBody(found, body.mediaType);
  if (!CONFIGS.includes(body.config.mediaType)) {
    throw invalid(`${found.digest} is no image: its configuration has the type ${body.config.mediaType || "unknown"}`);
  }
  const foreign = body.layers.find(({ mediaType }) => !LAYER.test(mediaType));
  if (foreign !== undefined) throw invalid(`the layer ${foreign.digest} has the unknown type ${foreign.mediaType}`);
  return body;
}

/** What calls itself something else than it was sent as means two things to two readers (CVE-2021-41190). */
function checkBody({ digest, mediaType }: Fetched, inBody: string | null | undefined): void {
  checkMediaType({ digest, mediaType, size: 0, annotations: {} } as Descriptor, inBody);
}

function checkSize({ digest, size }: Descriptor, bytes: Bytes): void {
  if (bytes.length !== size) throw invalid(`the manifest ${digest} has ${bytes.length} bytes instead of ${size}`);
}

async function fetchConfig(session: RegistrySession, { digest, size }: Descriptor): Promise<Bytes> {
  const what = `the configuration ${digest}`;
  if (size > MAXIMUM_JSON) throw invalid(`${what} has ${size} bytes, ${MAXIMUM_JSON} are allowed`);
  const bytes = await session.read(await session.call(session.url(`blobs/${digest}`)), MAXIMUM_JSON, what);
  if (bytes.length !== size) throw invalid(`${what} has ${bytes.length} bytes instead of ${size}`);
  if (digestOf(bytes) !== digest) throw invalid(`image config verification failed for digest ${digest}`);
  return bytes;
}

function checkPlatform(reference: Reference, wanted: Platform, config: ImageConfig): void {
  if (fitness(wanted, config) > 0) return;
  throw notFound(
    `image with reference ${familiar(reference)} was found but does not match the specified platform: wanted ` +
      `${platformText(wanted)}, actual: ${platformText(config)}`,
  );
}
