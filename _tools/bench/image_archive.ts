/** A docker-archive as `docker save` writes it, of generated images. */
import { createHash } from "node:crypto";
import type { Layer } from "./image_layers.ts";
import { fileEntry, tar, type TarEntry } from "./ustar.ts";

export interface ArchivedImage {
  /** Name and tag. */
  readonly name: string;
  /** The lowest first; what several images share is written once. */
  readonly layers: readonly Layer[];
}

/** Writes the images to `path`, through gzip if it ends in `.gz`. */
export async function writeImageArchive(path: string, images: readonly ArchivedImage[]): Promise<void> {
  const bytes = ReadableStream.from(tar(entriesOf(images)));
  const file = await Deno.open(path, { write: true, create: true, truncate: true });
  const whole = path.endsWith(".gz") ? bytes.pipeThrough(new CompressionStream("gzip")) : bytes;
  await whole.pipeTo(file.writable);
}

/** Writes the tar of a layer alone. */
export async function writeLayer(path: string, layer: Layer): Promise<void> {
  const file = await Deno.open(path, { write: true, create: true, truncate: true });
  await ReadableStream.from(tar(layer.entries())).pipeTo(file.writable);
}

function* entriesOf(images: readonly ArchivedImage[]): Generator<TarEntry> {
  const layers = new Map(images.flatMap(({ layers }) => layers).map((layer) => [layer.digest, layer]));
  for (const { digest, size, entries } of layers.values()) {
    yield { path: layerPath(digest), size, content: tar(entries()) };
  }
  const text = new TextEncoder();
  const manifest = [];
  for (const { name, layers } of images) {
    const config = text.encode(JSON.stringify(configOf(name, layers)));
    const path = `${createHash("sha256").update(config).digest("hex")}.json`;
    yield fileEntry(path, config);
    manifest.push({ Config: path, RepoTags: [name], Layers: layers.map(({ digest }) => layerPath(digest)) });
  }
  yield fileEntry("manifest.json", text.encode(JSON.stringify(manifest)));
}

function layerPath(digest: string): string {
  return `${digest}/layer.tar`;
}

/** With the name in a label, so that images of the same layers have ids of their own. */
function configOf(name: string, layers: readonly Layer[]): unknown {
  return {
    architecture: Deno.build.arch === "aarch64" ? "arm64" : "amd64",
    os: "linux",
    created: "2023-11-14T22:13:20Z",
    config: { Cmd: ["sh"], Labels: { name } },
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => `sha256:${digest}`) },
    history: layers.map(() => ({ created: "2023-11-14T22:13:20Z", created_by: "bench" })),
  };
}
