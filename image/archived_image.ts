import type { Bytes } from "../base/container_engine.ts";
import { invalid } from "../base/errors.ts";
import type { FileRange } from "../fs/file_range.ts";
import type { ExpectedLayer } from "../fs/unpack_layer.ts";
import type { Archive } from "./archive.ts";
import { digestOf } from "./digest.ts";
import { readDockerArchive } from "./docker_archive.ts";
import { parseImageConfig } from "./image_config.ts";
import type { ImageParts } from "./image_parts.ts";
import { readOciLayout } from "./oci_layout.ts";
import type { Reference } from "./reference.ts";

/** An image in an archive: what it is, and where its layers lie. */
export interface ArchivedImage {
  readonly id: string;
  readonly config: Bytes;
  /** The lowest first; each has its diffID to be verified against. */
  readonly layers: readonly { readonly source: FileRange; readonly expected: ExpectedLayer & { diffId: string } }[];
  readonly names: readonly Reference[];
  /** The id of the image that it was built from, if the archive says so. */
  readonly parent?: string;
}

/** The images of a docker-archive or an OCI layout. @throws invalid when it is neither, or does not hold together */
export async function archivedImages(archive: Archive): Promise<ArchivedImage[]> {
  if (archive.has("manifest.json")) return (await readDockerArchive(archive)).map(complete);
  if (archive.has("index.json")) return (await readOciLayout(archive)).map(complete);
  throw invalid("the archive holds no image: it has neither manifest.json (docker save) nor index.json (OCI layout)");
}

function complete({ config, layers, names, parent }: ImageParts): ArchivedImage {
  const id = digestOf(config);
  const { rootfs: { diff_ids: diffIds } } = parseImageConfig(config);
  if (diffIds.length !== layers.length) {
    throw invalid(`the image ${id} has ${layers.length} layers, its configuration ${diffIds.length}`);
  }
  return {
    id,
    config,
    names,
    ...parent !== undefined && { parent },
    layers: layers.map(({ source, expected }, i) => ({ source, expected: { ...expected, diffId: diffIds[i] ?? "" } })),
  };
}
