/** What `docker save` writes: manifest.json, which names configurations and layers by their paths in the archive. */
import * as v from "valibot";
import { invalid } from "../base/errors.ts";
import type { Archive } from "./archive.ts";
import type { ImageParts } from "./image_parts.ts";
import { digestOf } from "./digest.ts";
import { parseJson } from "./json.ts";
import { parseReference, withDefaultTag } from "./reference.ts";

const MAXIMUM_LAYERS = 128;
const MAXIMUM_IMAGES = 1000;

const manifest = v.pipe(
  v.array(v.object({
    Config: v.string(),
    RepoTags: v.nullish(v.array(v.string()), []),
    Layers: v.nullish(v.pipe(v.array(v.string()), v.maxLength(MAXIMUM_LAYERS)), []),
    Parent: v.nullish(v.string()),
  })),
  v.maxLength(MAXIMUM_IMAGES),
);

export async function readDockerArchive(archive: Archive): Promise<ImageParts[]> {
  const items = parseJson(await archive.read("manifest.json"), manifest, "manifest.json");
  return await Promise.all(items.map(async (item) => {
    const config = await archive.read(item.Config);
    const named = digestInName(item.Config);
    if (named !== undefined && digestOf(config) !== named) {
      throw invalid(`the configuration ${named} has the digest ${digestOf(config)}`);
    }
    return {
      config,
      layers: item.Layers.map((path) => ({ source: archive.range(path), expected: blobIn(path) })),
      names: item.RepoTags.map((name) => withDefaultTag(parseReference(name))),
      ...item.Parent && { parent: item.Parent },
    };
  }));
}

/** Files are named by their digest: `HEX.json` until Docker 24 and by skopeo, `blobs/sha256/HEX` later. */
function digestInName(path: string): string | undefined {
  const [, hex] = /(?:^|\/)([a-f0-9]{64})(?:\.json)?$/.exec(path) ?? [];
  return hex && `sha256:${hex}`;
}

function blobIn(path: string): { digest?: string } {
  const [, hex] = /^blobs\/sha256\/([a-f0-9]{64})$/.exec(path) ?? [];
  return hex === undefined ? {} : { digest: `sha256:${hex}` };
}
