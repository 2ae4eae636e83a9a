import { invalid, notFound } from "../base/errors.ts";
import type { ImageConfig } from "./image_config.ts";
import { canonical, familiar, parseReference, type Reference, withDefaultTag } from "./reference.ts";
import type { Shelf } from "./shelf.ts";

/** Where images are looked for: among those of the catalog, and the built-in one. */
type Searched = Pick<Shelf, "catalog" | "host">;

/** The id of the image that `name` means: a name, an id, or the first digits of one. */
export function findImage(shelf: Searched, name: string): string | undefined {
  const [, digits = ""] = /^(?:sha256:)?([a-f0-9]{1,64})$/.exec(name) ?? [];
  if (digits.length === 64) return isKnown(shelf, `sha256:${digits}`) ? `sha256:${digits}` : undefined;
  const reference = referenceOrNothing(name);
  const named = reference && namedImage(shelf, withDefaultTag(reference));
  return named ?? (digits === "" ? undefined : onlyOne(shelf, digits));
}

/** The same, or an error with Docker's sentence. @throws `not_found` */
export function getImage(shelf: Searched, name: string): string {
  const id = findImage(shelf, name);
  if (id !== undefined) return id;
  const reference = referenceOrNothing(name);
  throw notFound(`No such image: ${reference === undefined ? name : familiar(withDefaultTag(reference))}`);
}

/** Whether `name` stands for the image by (the beginning of) its id and not by one of its names. */
export function isIdOf(id: string, name: string): boolean {
  return id.startsWith(name) || id.slice("sha256:".length).startsWith(name);
}

/** @throws invalid for the built-in image, which is what it is */
export function refuseHost({ host }: Searched, id: string, verb: string): void {
  if (id === host.id) throw invalid(`the image host is the host itself: it cannot be ${verb}`);
}

/** @throws invalid for a name that means the built-in image */
export function refuseHostName({ host }: Searched, reference: Reference): void {
  if (canonical(reference) === canonical(host.reference)) throw invalid("the name host means the host itself");
}

export function configOf({ catalog, host }: Searched, id: string): ImageConfig {
  if (id === host.id) return host.config;
  const config = catalog.image(id)?.config;
  if (config === undefined) throw notFound(`No such image: ${id}`);
  return config;
}

/** The names of an image, as they are shown; those with a digest apart. */
export function shownNames({ catalog, host }: Searched, id: string): { tags: string[]; digests: string[] } {
  const references = id === host.id ? [host.reference] : catalog.names(id).map(parseReference);
  return {
    tags: references.filter(({ digest }) => digest === undefined).map(familiar),
    digests: references.filter(({ digest }) => digest !== undefined).map(familiar),
  };
}

/** The reference in a text that may be something else: an id, a pattern. */
export function referenceOrNothing(name: string): Reference | undefined {
  try {
    return parseReference(name);
  } catch {
    return undefined;
  }
}

function namedImage({ catalog, host }: Searched, reference: Reference): string | undefined {
  const name = canonical(reference);
  return name === canonical(host.reference) ? host.id : catalog.named(name);
}

function isKnown({ catalog, host }: Searched, id: string): boolean {
  return id === host.id || catalog.idsThatBegin(id.slice("sha256:".length)).length > 0;
}

function onlyOne({ catalog, host }: Searched, digits: string): string | undefined {
  const ids = catalog.idsThatBegin(digits);
  if (host.id.startsWith(`sha256:${digits}`)) ids.push(host.id);
  return ids.length === 1 ? ids[0] : undefined;
}
