/** From a registry into the store: a name becomes a manifest; missing layers come in, then the image with its names. */
import type { ImagePullOptions } from "../base/container_engine.ts";
import type { ProgressMessage } from "../base/docker/image.ts";
import { invalid } from "../base/errors.ts";
import { failpoint } from "../base/failpoint.ts";
import { now } from "../base/timestamps.ts";
import { refuseHostName } from "./find.ts";
import { progressOf } from "./progress.ts";
import { canonical, familiar, parseReference, type Reference, withDefaultTag } from "./reference.ts";
import { endpointsOf } from "./registry/endpoint.ts";
import { type RemoteImage, remoteImage, type RemoteLayer } from "./registry/manifest.ts";
import { parsePlatform } from "./registry/platform.ts";
import { authOf, type Registries } from "./registry/registries.ts";
import { RegistrySession } from "./registry/session.ts";
import type { Tell } from "./registry/shared_work.ts";
import { listTags } from "./registry/tags.ts";
import { shortDigest } from "./registry/transfers.ts";
import type { Shelf } from "./shelf.ts";

interface Pull {
  readonly shelf: Shelf;
  readonly registries: Registries;
  readonly options: ImagePullOptions;
  readonly tell: Tell;
}

/** Gets the image of a name, or all images of a repository. Nothing is entered before all of an image is there. */
export function pullImage(
  shelf: Shelf,
  registries: Registries,
  text: string,
  options: ImagePullOptions = {},
): AsyncGenerator<ProgressMessage> {
  return progressOf(async (tell, stopped) => {
    const named = parseReference(text);
    if (options.allTags && (named.tag !== undefined || named.digest !== undefined)) {
      throw invalid("tag can't be used with --all-tags/-a");
    }
    parsePlatform(options.platform); // before anybody is asked
    const reference = options.allTags ? named : withDefaultTag(named);
    refuseHostName(shelf, reference);
    await eachEndpoint({ shelf, registries, options, tell }, reference, stopped);
  }, options.signal);
}

/** The mirrors, then the registry: what a mirror cannot give does not matter. */
async function eachEndpoint(pull: Pull, reference: Reference, signal: AbortSignal): Promise<void> {
  const { settings } = pull.registries;
  for (const endpoint of endpointsOf(reference.domain, settings)) {
    try {
      using session = await RegistrySession.open(endpoint, settings, {
        repository: reference.path,
        actions: "pull",
        ...authOf(pull.options.auth),
        signal,
      });
      return await pullFrom(pull, session, reference);
    } catch (error) {
      signal.throwIfAborted();
      if (!endpoint.mirror) throw error;
    }
  }
}

async function pullFrom(pull: Pull, session: RegistrySession, reference: Reference): Promise<void> {
  if (!pull.options.allTags) return await pullOne(pull, session, reference);
  for (const tag of await listTags(session, reference)) await pullOne(pull, session, { ...reference, tag });
}

async function pullOne(pull: Pull, session: RegistrySession, reference: Reference): Promise<void> {
  const { shelf, registries, tell, options } = pull;
  const image = await remoteImage(session, reference, parsePlatform(options.platform), Boolean(options.platform));
  tell({ status: `Pulling from ${reference.path}`, id: reference.digest ?? reference.tag ?? "" });
  using held = shelf.hold(image.layers.map(({ diffId }) => diffId));
  try {
    const fetched = await fetchLayers(pull, session, image);
    const isNew = enterImage(pull, reference, image);
    for (const layer of fetched) noteBlob(registries, layer, `${reference.domain}/${reference.path}`);
    tell({ status: `Digest: ${image.digest}` });
    const what = isNew ? "Downloaded newer image" : "Image is up to date";
    tell({ status: `Status: ${what} for ${familiar(reference)}` });
  } finally {
    held[Symbol.dispose]();
    shelf.collect(); // what came for an image that did not come
  }
}

/** The layers that are not here, several at a time; the first failure ends the others. Gives those that have come. */
async function fetchLayers(
  pull: Pull,
  session: RegistrySession,
  image: RemoteImage,
): Promise<readonly RemoteLayer[]> {
  const { shelf, registries, tell } = pull;
  const layers = [...new Map(image.layers.map((layer) => [layer.digest, layer])).values()];
  const missing = layers.filter(({ diffId }) => !shelf.has(diffId));
  const isMissing = new Set(missing);
  for (const layer of layers) {
    const status = isMissing.has(layer) ? "Pulling fs layer" : "Already exists";
    tell({ status, progressDetail: {}, id: shortDigest(layer.digest) });
  }
  const stop = new AbortController();
  const signal = AbortSignal.any([session.signal, stop.signal]);
  const results = await Promise.allSettled(missing.map(async (layer) => {
    try {
      await registries.transfers.fetch(session, layer, tell, signal);
    } catch (error) {
      stop.abort(error);
      throw error;
    }
  }));
  session.signal.throwIfAborted();
  if (results.some(({ status }) => status === "rejected")) throw stop.signal.reason;
  return missing;
}

/** The image with its names in one transaction. Says whether anything of it is new. */
function enterImage({ shelf }: Pull, reference: Reference, image: RemoteImage): boolean {
  const { catalog, emit } = shelf;
  const { id, config, layers, digest } = image;
  const { domain, path } = reference;
  const names = [reference, { domain, path, digest }].map(withoutTagBesideDigest);
  const isNew = catalog.named(canonical(withoutTagBesideDigest(reference))) !== id;
  catalog.transaction(() => {
    catalog.putImage(id, config, layers.map(({ diffId }) => diffId), undefined, now());
    for (const name of names) {
      if (catalog.named(canonical(name)) !== id) catalog.setName(canonical(name), id, now());
    }
    failpoint("pull.image");
  });
  emit("pull", id, familiar(reference));
  return isNew;
}

/** `a:1@sha256:…` is pulled by its digest, and called by that alone. */
function withoutTagBesideDigest({ domain, path, tag, digest }: Reference): Reference {
  return digest === undefined ? { domain, path, ...tag !== undefined && { tag } } : { domain, path, digest };
}

function noteBlob({ blobs }: Registries, { diffId, digest, size, mediaType }: RemoteLayer, source: string): void {
  blobs.note(diffId, { digest, size, mediaType, source });
}
