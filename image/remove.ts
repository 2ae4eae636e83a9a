import type { ImageRemoveOptions } from "../base/container_engine.ts";
import type { ImageDeleteItem } from "../base/docker/image.ts";
import { conflict } from "../base/errors.ts";
import { failpoint } from "../base/failpoint.ts";
import { shortId } from "../base/names.ts";
import { chainIds } from "./digest.ts";
import { configOf, getImage, isIdOf, refuseHost } from "./find.ts";
import { canonical, familiar, familiarName, parseReference, withDefaultTag } from "./reference.ts";
import type { Shelf } from "./shelf.ts";

type Event = readonly [action: "untag" | "delete", id: string];

/** What a removal works with; a prune has its own idea of who uses an image. */
export type RemovalShelf = Pick<Shelf, "catalog" | "host" | "usedBy">;

/**
 * Removes a name, and with its last name the image, by Docker's rules: by name it loses that name; by id it must have
 * one name at most, or `force`; one that a container uses stays, one that a running container uses even with `force`.
 * @throws `not_found`, or `conflict` in Docker's words
 */
export function removeImage(shelf: Shelf, name: string, options: ImageRemoveOptions = {}): ImageDeleteItem[] {
  const removal = removeRows(shelf, name, options);
  const gone = shelf.collect();
  for (const [action, image] of removal.events) shelf.emit(action, image, image);
  return removal.told(gone);
}

/** The first half: what the database has of it. What is left is to collect the layers, and to tell. */
export function removeRows(shelf: RemovalShelf, name: string, options: ImageRemoveOptions): Removal {
  const id = getImage(shelf, name);
  refuseHost(shelf, id, "removed");
  return shelf.catalog.transaction(() => {
    const removal = new Removal(shelf, options);
    if (isIdOf(id, name)) removal.byId(id);
    else removal.byName(id, name);
    failpoint("rmi.rows");
    return removal;
  });
}

/** Docker tells of each layer that goes with an image by the digest of the stack up to it. */
function goneOf(diffIds: readonly string[], gone: Set<string>): ImageDeleteItem[] {
  return chainIds(diffIds).map((chain, i) => ({ chain, diffId: diffIds[i] ?? "" })).reverse()
    .filter(({ diffId }) => gone.delete(diffId)).map(({ chain }) => ({ Deleted: chain }));
}

/** One removal: what it has taken away, and whom to tell. */
export class Removal {
  readonly items: { item: ImageDeleteItem; chains?: readonly string[] }[] = [];
  readonly events: Event[] = [];
  readonly #shelf: RemovalShelf;
  readonly #options: ImageRemoveOptions;

  constructor(shelf: RemovalShelf, options: ImageRemoveOptions) {
    this.#shelf = shelf;
    this.#options = options;
  }

  /** As Docker tells of it, when the layers that no image has any more are these. */
  told(layers: readonly { readonly diffId: string }[]): ImageDeleteItem[] {
    const gone = new Set(layers.map(({ diffId }) => diffId));
    return this.items.flatMap(({ item, chains = [] }) => [item, ...goneOf(chains, gone)]);
  }

  byName(id: string, name: string): void {
    const { catalog, usedBy } = this.#shelf;
    const reference = withDefaultTag(parseReference(name));
    const [user] = usedBy(id);
    if (!this.#options.force && user !== undefined && isSingle(catalog.names(id))) {
      throw conflict(
        `conflict: unable to remove repository reference ${JSON.stringify(name)} (must force) - container ` +
          `${shortId(user.id)} is using its referenced image ${shortId(id)}`,
      );
    }
    this.#untag(id, canonical(reference));
    const left = catalog.names(id).map(parseReference);
    // Digests of a repository whose last tag is gone would keep an image that nobody can see.
    const inRepository = left.filter((other) => familiarName(other) === familiarName(reference));
    if (reference.tag !== undefined && inRepository.every(({ tag }) => tag === undefined)) {
      for (const other of inRepository) this.#untag(id, canonical(other));
    }
    if (catalog.names(id).length === 0) this.#delete(id, this.#options.force ?? false, true);
  }

  byId(id: string): void {
    const force = this.#options.force ?? false;
    if (isSingle(this.#shelf.catalog.names(id))) {
      const found = this.#conflict(id, force, true);
      if (found !== undefined) throw found.error;
      for (const name of this.#shelf.catalog.names(id)) this.#untag(id, name);
    }
    this.#delete(id, force, false);
  }

  #untag(id: string, name: string): void {
    this.#shelf.catalog.deleteName(name);
    this.items.push({ item: { Untagged: familiar(parseReference(name)) } });
    this.events.push(["untag", id]);
  }

  /** `quiet`: its names were removed, and that it must stay is no error. */
  #delete(id: string, force: boolean, quiet: boolean): void {
    const { catalog } = this.#shelf;
    const found = this.#conflict(id, force, false);
    if (found !== undefined) {
      if (quiet && (found.used || catalog.names(id).length > 0 || catalog.children(id).length > 0)) return;
      throw found.error;
    }
    const parent = catalog.image(id)?.parent;
    const { rootfs } = configOf(this.#shelf, id);
    for (const name of catalog.names(id)) this.#untag(id, name);
    catalog.deleteImage(id);
    this.items.push({ item: { Deleted: id }, chains: rootfs.diff_ids });
    this.events.push(["delete", id]);
    if (!this.#options.noPrune && parent !== undefined && catalog.image(parent) !== undefined) {
      this.#delete(parent, false, true);
    }
  }

  /** Why the image cannot go; with `force` only what no force overcomes. */
  #conflict(id: string, force: boolean, namesMayGo: boolean): { error: Error; used: boolean } | undefined {
    const { catalog, usedBy } = this.#shelf;
    const because = (reason: string, how: string, used = false) => {
      return { error: conflict(`conflict: unable to delete ${shortId(id)} (${how}) - ${reason}`), used };
    };
    const users = usedBy(id);
    const running = users.find((user) => user.running);
    if (catalog.children(id).length > 0) return because("image has dependent child images", "cannot be forced");
    if (running !== undefined) {
      return because(`image is being used by running container ${shortId(running.id)}`, "cannot be forced", true);
    }
    if (force) return undefined;
    if (!namesMayGo && catalog.names(id).length > 0) {
      return because("image is referenced in multiple repositories", "must be forced");
    }
    const [stopped] = users;
    if (stopped === undefined) return undefined;
    return because(`image is being used by stopped container ${shortId(stopped.id)}`, "must be forced", true);
  }
}

/** One tag at most, with digests of the same repository alone. */
function isSingle(names: readonly string[]): boolean {
  if (names.length <= 1) return true;
  const references = names.map(parseReference);
  const repositories = new Set(references.map(familiarName));
  return repositories.size === 1 && references.filter(({ tag }) => tag !== undefined).length <= 1;
}
