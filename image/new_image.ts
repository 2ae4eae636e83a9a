import { failpoint } from "../base/failpoint.ts";
import { invalid } from "../base/errors.ts";
import { digestOf } from "./digest.ts";
import { refuseHostName } from "./find.ts";
import type { ImageConfig } from "./image_config.ts";
import { canonical, parseReference, type Reference, withDefaultTag } from "./reference.ts";
import type { Shelf } from "./shelf.ts";

/** An image that is made here, of layers that are there. */
export interface NewImage {
  readonly config: ImageConfig & { readonly created: string };
  /** Another image that has it loses it. */
  readonly name: Reference | undefined;
  /** The id of the image that it was made from. */
  readonly parent?: string;
}

/** The name of an image that is to be made; undefined where it is to have none. @throws invalid in Docker's words */
export function newImageName(shelf: Shelf, text: string | undefined): Reference | undefined {
  if (!text) return undefined;
  const reference = withDefaultTag(parseReference(text));
  if (reference.digest !== undefined) throw invalid("cannot import digest reference");
  refuseHostName(shelf, reference);
  return reference;
}

/** Enters the image with its name, both or neither; its layers must be held. Gives its id. */
export function newImage({ catalog }: Shelf, { config, name, parent }: NewImage, step: string): string {
  const bytes = new TextEncoder().encode(JSON.stringify(config));
  const id = digestOf(bytes);
  catalog.transaction(() => {
    // It may have been removed while this one was made.
    const knownParent = parent !== undefined && catalog.image(parent) !== undefined ? parent : undefined;
    catalog.putImage(id, bytes, config.rootfs.diff_ids, knownParent, config.created);
    if (name !== undefined) catalog.setName(canonical(name), id, config.created);
    failpoint(step);
  });
  return id;
}
