/** From the store to a registry: what the registry has stays there, the rest is packed and sent, last the manifest. */
import type { Bytes, ImagePushOptions } from "../base/container_engine.ts";
import type { ProgressMessage } from "../base/docker/image.ts";
import { EngineError, invalid, notFound } from "../base/errors.ts";
import { now } from "../base/timestamps.ts";
import type { LayerRow } from "./catalog.ts";
import { refuseHost } from "./find.ts";
import { MEDIA } from "./oci_layout.ts";
import { progressOf } from "./progress.ts";
import { canonical, familiar, familiarName, parseReference, type Reference, withDefaultTag } from "./reference.ts";
import { endpointsOf } from "./registry/endpoint.ts";
import { LayerPush, type PushedLayer } from "./registry/push_layer.ts";
import { authOf, type Registries } from "./registry/registries.ts";
import { StatusError } from "./registry/registry_error.ts";
import { RegistrySession } from "./registry/session.ts";
import type { Tell } from "./registry/shared_work.ts";
import { Slots } from "./registry/slots.ts";
import { putManifest, uploadBytes } from "./registry/upload.ts";
import type { Shelf } from "./shelf.ts";

/** Uploads at once, as Docker has it. */
const AT_ONCE = 5;
/** Docker's words for what an image consists of: registries of old know no others. */
const DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
const DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip";
const OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";

interface Push {
  readonly shelf: Shelf;
  readonly registries: Registries;
  readonly tell: Tell;
}

/** Sends the image of a name; with `allTags` all that the repository has here. */
export function pushImage(
  shelf: Shelf,
  registries: Registries,
  text: string,
  options: ImagePushOptions = {},
): AsyncGenerator<ProgressMessage> {
  return progressOf(async (tell, stopped) => {
    const named = parseReference(text);
    if (named.digest !== undefined) throw invalid("cannot push a digest reference");
    if (options.allTags && named.tag !== undefined) throw invalid("tag can't be used with --all-tags/-a");
    const references = options.allTags ? tagsHere(shelf, named) : [withDefaultTag(named)];
    const images = references.map((reference) => ({ reference, id: imageOf(shelf, reference) }));
    const endpoint = endpointsOf(named.domain, registries.settings).at(-1); // the mirrors come first, and take nothing
    if (endpoint === undefined) return;
    const { domain, path } = named;
    tell({ status: `The push refers to repository [${domain}/${path}]` });
    try {
      using session = await RegistrySession.open(endpoint, registries.settings, {
        repository: path,
        actions: "pull,push",
        ...authOf(options.auth),
        signal: stopped,
      });
      for (const { reference, id } of images) await pushOne({ shelf, registries, tell }, session, reference, id);
    } catch (error) {
      throw explained(error);
    }
  }, options.signal);
}

function tagsHere({ catalog }: Shelf, { domain, path }: Reference): Reference[] {
  const names = catalog.images().flatMap(({ id }) => catalog.names(id)).map(parseReference);
  const found = names.filter((name) => name.domain === domain && name.path === path && name.tag !== undefined);
  if (found.length > 0) return found;
  throw notFound(`An image does not exist locally with the tag: ${familiarName({ domain, path })}`);
}

function imageOf(shelf: Shelf, reference: Reference): string {
  const id = shelf.catalog.named(canonical(reference));
  if (canonical(reference) === canonical(shelf.host.reference)) refuseHost(shelf, shelf.host.id, "pushed");
  if (id !== undefined) return id;
  throw notFound(`An image does not exist locally with the tag: ${familiarName(reference)}`);
}

async function pushOne(push: Push, session: RegistrySession, reference: Reference, id: string): Promise<void> {
  const { shelf, registries, tell } = push;
  const layers = shelf.catalog.layersOf(id);
  const config = shelf.catalog.configBytes(id);
  if (config === undefined) throw notFound(`No such image: ${id}`);
  using held = shelf.hold(layers.map(({ diffId }) => diffId));
  try {
    const source = `${reference.domain}/${reference.path}`;
    const blobs = await pushLayers(new LayerPush(shelf, registries.blobs, tell, source), session, layers);
    await uploadBytes(session, config);
    const { bytes, mediaType } = manifestOf(id, config, blobs);
    const digest = await putManifest(session, reference.tag ?? "", bytes, mediaType);
    enterDigest(shelf, id, { domain: reference.domain, path: reference.path, digest });
    tell({ status: `${reference.tag}: digest: ${digest} size: ${bytes.length}` });
    tell({ progressDetail: {}, aux: { Tag: reference.tag, Digest: digest, Size: bytes.length } });
    shelf.emit("push", id, familiar(reference));
  } finally {
    held[Symbol.dispose]();
    shelf.collect();
  }
}

/** Each layer once, several at a time; the first failure ends the others. */
async function pushLayers(
  push: LayerPush,
  session: RegistrySession,
  layers: readonly LayerRow[],
): Promise<PushedLayer[]> {
  const unique = [...new Map(layers.map((layer) => [layer.diffId, layer])).values()];
  for (const layer of unique) push.announce(layer);
  const [slots, stop] = [new Slots(AT_ONCE), new AbortController()];
  using own = session.until(AbortSignal.any([session.signal, stop.signal]));
  const results = await Promise.allSettled(unique.map((layer) =>
    slots.run(async () => {
      try {
        own.signal.throwIfAborted();
        return [layer.diffId, await push.layer(own, layer)] as const;
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    })
  ));
  session.signal.throwIfAborted();
  if (results.some(({ status }) => status === "rejected")) throw stop.signal.reason;
  const pushed = new Map(results.flatMap((result) => result.status === "fulfilled" ? [result.value] : []));
  return layers.flatMap(({ diffId }) => pushed.get(diffId) ?? []);
}

/** Docker's form, as long as its words suffice: it has none for zstd. */
function manifestOf(
  id: string,
  config: Bytes,
  layers: readonly PushedLayer[],
): { bytes: Bytes; mediaType: string } {
  const docker = layers.every(({ compression }) => compression === "gzip");
  const mediaType = docker ? MEDIA.dockerManifest : MEDIA.manifest;
  const body = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: docker ? DOCKER_CONFIG : MEDIA.config, size: config.length, digest: id },
    layers: layers.map(({ digest, size, compression }) => ({
      mediaType: docker ? DOCKER_LAYER : compression === "" ? OCI_LAYER : `${OCI_LAYER}+${compression}`,
      size,
      digest,
    })),
  };
  return { bytes: new TextEncoder().encode(JSON.stringify(body, undefined, 3)), mediaType };
}

function enterDigest(shelf: Shelf, id: string, name: Reference): void {
  const key = canonical(name);
  shelf.catalog.transaction(() => {
    // While it was sent, the image may have been removed.
    if (shelf.catalog.image(id) !== undefined && shelf.catalog.named(key) !== id) {
      shelf.catalog.setName(key, id, now());
    }
  });
}

/** Docker's sentence for who may not. */
function explained(error: unknown): unknown {
  if (!(error instanceof StatusError) || ![401, 403].includes(error.status)) return error;
  if (error.status === 401) {
    const hint = "it may require 'sauropod login' or 'docker login'";
    return new EngineError("forbidden", `push access denied, ${hint}: ${error.message}`);
  }
  const said = error.message.startsWith("denied") ? error.message : `denied: ${error.message}`;
  return new EngineError("forbidden", said);
}
