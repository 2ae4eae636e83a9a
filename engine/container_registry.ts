import { conflict, invalid, notFound } from "../base/errors.ts";
import { randomName } from "../base/names.ts";
import type { Container } from "./containers/container.ts";

/** All containers by id and by name; names are taken before anything of a container is made. */
export class ContainerRegistry implements Iterable<Container> {
  readonly #byId = new Map<string, Container>();
  /** Name to id, those of containers being created included. */
  readonly #names = new Map<string, string>();

  [Symbol.iterator](): Iterator<Container> {
    return this.#byId.values();
  }

  get size(): number {
    return this.#byId.size;
  }

  /**
   * The container that an id, a name or the beginning of an id means, in this order.
   * @throws `not_found`, `invalid` for a prefix of several; both with Docker's sentences.
   */
  get(nameOrId: string): Container {
    const found = this.find(nameOrId);
    if (found === undefined) throw notFound(`No such container: ${nameOrId}`);
    return found;
  }

  /** The same, or undefined; @throws `invalid` for a prefix of several. */
  find(nameOrId: string): Container | undefined {
    const exact = this.#byId.get(nameOrId) ?? this.#byId.get(this.#names.get(nameOrId.replace(/^\//, "")) ?? "");
    if (exact !== undefined || !/^[0-9a-f]+$/.test(nameOrId)) return exact;
    const matches = [...this.#byId.keys()].filter((id) => id.startsWith(nameOrId));
    if (matches.length > 1) throw invalid(`Multiple IDs found with provided prefix: ${nameOrId}`);
    return this.#byId.get(matches[0] ?? "");
  }

  /** Takes a name for `id`, a random one when none is wanted. @throws `conflict` when it is in use. */
  reserve(wanted: string | undefined, id: string): string {
    let name = wanted ?? randomName(0);
    for (let retry = 1; wanted === undefined && this.#names.has(name); retry++) name = randomName(retry);
    const holder = this.#names.get(name);
    if (holder !== undefined) {
      throw conflict(
        `Conflict. The container name "/${name}" is already in use by container "${holder}". ` +
          "You have to remove (or rename) that container to be able to reuse that name.",
      );
    }
    this.#names.set(name, id);
    return name;
  }

  /** The ids of all, those included that are being created, and those whose records cannot be read. */
  ids(): Set<string> {
    return new Set([...this.#byId.keys(), ...this.#names.values()]);
  }

  /** Gives a name free. */
  release(name: string): void {
    this.#names.delete(name);
  }

  add(container: Container): void {
    this.#byId.set(container.id, container);
    this.#names.set(container.record.name, container.id);
  }

  delete(container: Container): void {
    this.#byId.delete(container.id);
    this.#names.delete(container.record.name);
  }
}
