import type { Bytes } from "../base/container_engine.ts";
import { notFound } from "../base/errors.ts";
import { parseRfc3339 } from "../base/time.ts";
import { type TarEntry, tarEntry } from "../base/tar/entry.ts";
import { type TarFile, writeTar } from "../base/tar/writer.ts";
import type { LayerRow } from "./catalog.ts";
import { digestOf } from "./digest.ts";
import { getImage, referenceOrNothing, refuseHost } from "./find.ts";
import { layerTar } from "./layer_tar.ts";
import { MEDIA } from "./oci_layout.ts";
import { canonical, familiar, familiarName, parseReference, type Reference, withDefaultTag } from "./reference.ts";
import type { Shelf } from "./shelf.ts";

/** One image to save, with those of its names that were asked for. */
interface Wanted {
  readonly id: string;
  readonly names: Reference[];
}

/**
 * An archive that is both what `docker save` writes and an OCI layout: the blobs are shared, each layer is there once,
 * uncompressed, so that its digest is its diffID.
 * @throws `not_found` before anything is streamed
 */
export function saveImages(shelf: Shelf, names: readonly string[]): ReadableStream<Bytes> {
  const wanted = collectWanted(shelf, names);
  const layers = new Map(wanted.flatMap(({ id }) => shelf.catalog.layersOf(id)).map((layer) => [layer.diffId, layer]));
  const held = shelf.hold([...layers.keys()]);
  for (const { id } of wanted) shelf.emit("save", id, id);
  return ReadableStream.from(
    heldWhile(held, () => shelf.collect(), writeTar(files(shelf, wanted, [...layers.values()]))),
  );
}

async function* heldWhile(held: Disposable, after: () => void, bytes: AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
  try {
    yield* bytes;
  } finally {
    held[Symbol.dispose]();
    after();
  }
}

/** A name stands for itself, a repository without tag for all of its tags, an id for an image without name. */
function collectWanted(shelf: Shelf, names: readonly string[]): Wanted[] {
  const wanted = new Map<string, Wanted>();
  const want = (id: string, ...references: Reference[]) => {
    refuseHost(shelf, id, "saved");
    const one = wanted.get(id) ?? { id, names: [] };
    const known = new Set(one.names.map(canonical));
    one.names.push(...references.filter((reference) => !known.has(canonical(reference))));
    wanted.set(id, one);
  };
  for (const name of names) {
    const reference = referenceOrNothing(name);
    const named = reference && shelf.catalog.named(canonical(withDefaultTag(reference)));
    if (reference === undefined || named === undefined) want(getImage(shelf, name));
    else want(named, ...reference.digest === undefined ? [withDefaultTag(reference)] : []);
    if (reference !== undefined && reference.tag === undefined && reference.digest === undefined) {
      for (const { id, tag } of tagsOf(shelf, reference)) want(id, tag);
    }
  }
  return [...wanted.values()];
}

function tagsOf({ catalog }: Shelf, repository: Reference): { id: string; tag: Reference }[] {
  return catalog.images().flatMap(({ id }) => catalog.names(id).map((name) => ({ id, tag: parseReference(name) })))
    .filter(({ tag }) => canonical({ domain: tag.domain, path: tag.path }) === canonical(repository) && tag.tag);
}

function* files(shelf: Shelf, wanted: readonly Wanted[], layers: readonly LayerRow[]): Generator<TarFile> {
  for (const path of ["blobs/", "blobs/sha256/"]) yield { entry: tarEntry({ name: path, type: "directory" }) };
  for (const layer of layers) {
    yield { entry: entryOf(blobPath(layer.diffId), layer.tarSize), content: layerTar(shelf, layer) };
  }
  const written = new Set<string>();
  const images = wanted.map((one) => describe(shelf, one));
  for (const { blobs } of images) {
    for (const { bytes, modified } of blobs) {
      const name = blobPath(digestOf(bytes));
      if (!written.has(name)) yield file(name, bytes, modified);
      written.add(name);
    }
  }
  yield file("index.json", json({ schemaVersion: 2, mediaType: MEDIA.index, manifests: images.flatMap(indexEntries) }));
  yield file("manifest.json", json(images.map(({ item }) => item)));
  yield file("oci-layout", json({ imageLayoutVersion: "1.0.0" }));
  yield file("repositories", json(repositories(images)));
}

interface Described {
  readonly names: readonly Reference[];
  /** Its line in Docker's manifest.json. */
  readonly item: { Config: string; RepoTags: string[] | null; Layers: string[] };
  readonly manifest: { mediaType: string; digest: string; size: number };
  readonly blobs: readonly { bytes: Bytes; modified: bigint }[];
  readonly topLayer: string;
}

function describe({ catalog }: Shelf, { id, names }: Wanted): Described {
  const config = catalog.configBytes(id);
  if (config === undefined) throw notFound(`No such image: ${id}`);
  const layers = catalog.layersOf(id);
  const manifest = json({
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config: { mediaType: MEDIA.config, digest: id, size: config.length },
    layers: layers.map(({ diffId, tarSize }) => ({ mediaType: MEDIA.layer, digest: diffId, size: tarSize })),
  });
  const modified = parsedTime(catalog.image(id)?.config.created);
  return {
    names,
    item: {
      Config: blobPath(id),
      RepoTags: names.length > 0 ? names.map(familiar) : null,
      Layers: layers.map(({ diffId }) => blobPath(diffId)),
    },
    manifest: { mediaType: MEDIA.manifest, digest: digestOf(manifest), size: manifest.length },
    blobs: [{ bytes: config, modified }, { bytes: manifest, modified }],
    topLayer: layers.at(-1)?.diffId.slice("sha256:".length) ?? "",
  };
}

function indexEntries({ names, manifest }: Described): unknown[] {
  if (names.length === 0) return [manifest];
  return names.map((name) => ({
    ...manifest,
    annotations: {
      "io.containerd.image.name": canonical(name),
      "org.opencontainers.image.ref.name": name.tag ?? "",
    },
  }));
}

/** The index of archives before manifest.json: repository to tag to layer. */
function repositories(images: readonly Described[]): Record<string, Record<string, string>> {
  const found: Record<string, Record<string, string>> = {};
  for (const { names, topLayer } of images) {
    for (const name of names) (found[familiarName(name)] ??= {})[name.tag ?? ""] = topLayer;
  }
  return found;
}

function file(name: string, bytes: Bytes, modified = 0n): TarFile {
  return { entry: entryOf(name, bytes.length, modified), content: [bytes] };
}

function entryOf(name: string, size: number, modified = 0n): TarEntry {
  return tarEntry({ name, size, modified });
}

function json(value: unknown): Bytes {
  return new TextEncoder().encode(JSON.stringify(value));
}

const blobPath = (digest: string) => `blobs/${digest.replace(":", "/")}`;

function parsedTime(created: string | undefined): bigint {
  try {
    return created === undefined ? 0n : parseRfc3339(created) / 1_000_000_000n * 1_000_000_000n;
  } catch {
    return 0n;
  }
}
