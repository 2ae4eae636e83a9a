/** An OCI image layout (image-layout.md): index.json names manifests by digest; blobs lie in blobs/sha256. */
import * as v from "valibot";
import type { Bytes } from "../base/container_engine.ts";
import { invalid, notFound } from "../base/errors.ts";
import type { Archive } from "./archive.ts";
import type { ImageParts } from "./image_parts.ts";
import { digestOf } from "./digest.ts";
import { ARCHITECTURE } from "./host_image.ts";
import { digest } from "./image_config.ts";
import { parseJson } from "./json.ts";
import { parseReference, type Reference, withDefaultTag } from "./reference.ts";

const MAXIMUM_LAYERS = 128;
const MAXIMUM_MANIFESTS = 1000;
/** An index may name an index; two such steps are known to occur. */
const MAXIMUM_NESTING = 4;

export const MEDIA = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
  dockerIndex: "application/vnd.docker.distribution.manifest.list.v2+json",
  dockerManifest: "application/vnd.docker.distribution.manifest.v2+json",
} as const;

export const INDEXES: readonly string[] = [MEDIA.index, MEDIA.dockerIndex];
export const MANIFESTS: readonly string[] = [MEDIA.manifest, MEDIA.dockerManifest];
export const CONFIGS: readonly string[] = [MEDIA.config, "application/vnd.docker.container.image.v1+json"];
export const LAYER =
  /^application\/vnd\.(oci\.image\.layer\.v1\.tar(\+gzip|\+zstd)?|oci\.image\.layer\.nondistributable\.v1\.tar(\+gzip|\+zstd)?|docker\.image\.rootfs\.diff\.tar(\.gzip|\.zstd)?)$/;

const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const descriptor = v.object({
  mediaType: v.nullish(v.string(), ""),
  digest,
  size,
  platform: v.nullish(v.object({ architecture: v.string(), os: v.string(), variant: v.nullish(v.string()) })),
  annotations: v.nullish(v.record(v.string(), v.string()), {}),
});
export type Descriptor = v.InferOutput<typeof descriptor>;

// A body that is manifest and index at once means different images to different readers (CVE-2021-41190).
const absent = (what: string) => v.optional(v.never(`it has ${what} too`));
export const index = v.object({
  schemaVersion: v.literal(2),
  mediaType: v.nullish(v.string()),
  manifests: v.pipe(v.array(descriptor), v.maxLength(MAXIMUM_MANIFESTS)),
  layers: absent("layers"),
  config: absent("config"),
});
export const manifest = v.object({
  schemaVersion: v.literal(2),
  mediaType: v.nullish(v.string()),
  config: descriptor,
  layers: v.pipe(v.array(descriptor), v.maxLength(MAXIMUM_LAYERS)),
  manifests: absent("manifests"),
});

export async function readOciLayout(archive: Archive): Promise<ImageParts[]> {
  const { manifests } = parseJson(await archive.read("index.json"), index, "index.json");
  const images: ImageParts[] = [];
  for (const one of manifests) {
    const parts = await imageOf(archive, one, MAXIMUM_NESTING);
    if (parts !== undefined) images.push({ ...parts, names: nameOf(one.annotations) });
  }
  if (images.length === 0) throw notFound(`the archive has no image for linux/${ARCHITECTURE}`);
  return merged(images);
}

/** An image of several names is listed once for each. */
function merged(images: readonly ImageParts[]): ImageParts[] {
  const byId = new Map<string, ImageParts>();
  for (const image of images) {
    const id = digestOf(image.config);
    byId.set(id, { ...image, names: [...byId.get(id)?.names ?? [], ...image.names] });
  }
  return [...byId.values()];
}

/** The image that a descriptor leads to on this platform; undefined when there is none. */
async function imageOf(archive: Archive, found: Descriptor, nesting: number): Promise<ImageParts | undefined> {
  if (!fitsPlatform(found)) return undefined;
  if (MANIFESTS.includes(found.mediaType)) return await imageOfManifest(archive, found);
  if (!INDEXES.includes(found.mediaType)) return undefined; // signatures and the like
  if (nesting === 0) throw invalid(`the index ${found.digest} is nested too deeply`);
  const body = parseJson(await blob(archive, found), index, `the index ${found.digest}`);
  checkMediaType(found, body.mediaType);
  for (const one of body.manifests) {
    const parts = await imageOf(archive, one, nesting - 1);
    if (parts !== undefined) return parts;
  }
  return undefined;
}

async function imageOfManifest(archive: Archive, found: Descriptor): Promise<ImageParts | undefined> {
  // `skopeo copy --all` apart, tools write the index whole but the blobs of one platform only.
  if (!archive.has(blobPath(found))) return undefined;
  const body = parseJson(await blob(archive, found), manifest, `the manifest ${found.digest}`);
  checkMediaType(found, body.mediaType);
  if (!CONFIGS.includes(body.config.mediaType)) return undefined; // an artifact, or an attestation
  const foreign = body.layers.find(({ mediaType }) => !LAYER.test(mediaType));
  if (foreign !== undefined) throw invalid(`the layer ${foreign.digest} has the unknown type ${foreign.mediaType}`);
  return {
    config: await blob(archive, body.config),
    layers: body.layers.map((layer) => ({
      source: archive.range(blobPath(layer)),
      expected: { digest: layer.digest, size: layer.size },
    })),
    names: [],
  };
}

function fitsPlatform({ platform }: Descriptor): boolean {
  return platform === null || platform === undefined ||
    (platform.os === "linux" && platform.architecture === ARCHITECTURE);
}

export function checkMediaType(found: Descriptor, inBody: string | null | undefined): void {
  if (inBody && inBody !== found.mediaType) {
    throw invalid(`${found.digest} is announced as ${found.mediaType} and calls itself ${inBody}`);
  }
}

const blobPath = ({ digest }: Descriptor) => `blobs/${digest.replace(":", "/")}`;

async function blob(archive: Archive, found: Descriptor): Promise<Bytes> {
  const bytes = await archive.read(blobPath(found));
  if (bytes.length !== found.size) {
    throw invalid(`the blob ${found.digest} has ${bytes.length} bytes instead of ${found.size}`);
  }
  if (digestOf(bytes) !== found.digest) throw invalid(`the blob ${found.digest} has the digest ${digestOf(bytes)}`);
  return bytes;
}

/** containerd and Docker annotate the whole name; by the specification it is mostly a tag, which names no image. */
function nameOf(annotations: Readonly<Record<string, string>>): Reference[] {
  const name = annotations["io.containerd.image.name"] ?? annotations["org.opencontainers.image.ref.name"];
  return name !== undefined && /[:/]/.test(name) ? [withDefaultTag(parseReference(name))] : [];
}
