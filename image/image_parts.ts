import type { Bytes } from "../base/container_engine.ts";
import type { FileRange } from "../fs/file_range.ts";
import type { ExpectedLayer } from "../fs/unpack_layer.ts";
import type { Reference } from "./reference.ts";

/** Where an image's parts lie, as a manifest has it. */
export interface ImageParts {
  readonly config: Bytes;
  readonly layers: readonly { readonly source: FileRange; readonly expected: ExpectedLayer }[];
  readonly names: readonly Reference[];
  readonly parent?: string;
}
