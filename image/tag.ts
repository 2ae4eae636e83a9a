import { invalid } from "../base/errors.ts";
import { now } from "../base/timestamps.ts";
import { getImage, refuseHost, refuseHostName } from "./find.ts";
import { canonical, familiar, familiarName, parseReference, withDefaultTag } from "./reference.ts";
import type { Shelf } from "./shelf.ts";

/** Gives an image a name; another image that had it loses it. @throws invalid for a name that is none */
export function tagImage(shelf: Shelf, name: string, text: string): void {
  const reference = withDefaultTag(parseReference(text));
  if (reference.digest !== undefined) throw invalid("refusing to create a tag with a digest reference");
  if (familiarName(reference) === "sha256") {
    throw invalid("refusing to create an ambiguous tag using digest algorithm as name");
  }
  const id = getImage(shelf, name);
  refuseHost(shelf, id, "tagged");
  refuseHostName(shelf, reference);
  shelf.catalog.transaction(() => shelf.catalog.setName(canonical(reference), id, now()));
  shelf.emit("tag", id, familiar(reference));
}
