import { invalid, notFound } from "../../base/errors.ts";
import type { NetworkRecord } from "../network_record.ts";
import { Network } from "./network.ts";
import type { NetworkTable } from "./network_table.ts";

/** All networks, on disk and in memory, the oldest first. */
export class NetworkRegistry implements Iterable<Network> {
  readonly #table: NetworkTable;
  readonly #byId = new Map<string, Network>();
  /** Grows with every change of who is where under which name: whoever has looked that up looks again. */
  changes = 0;

  /** A row that cannot be read stays until a network of its name is made. */
  constructor(table: NetworkTable, damaged: (id: string, name: string, error: unknown) => void) {
    this.#table = table;
    for (const record of table.load(damaged)) this.#byId.set(record.id, new Network(record));
  }

  [Symbol.iterator](): Iterator<Network> {
    return this.#byId.values();
  }

  /** On disk first. */
  add(record: NetworkRecord): Network {
    this.#table.put(record);
    const network = new Network(record);
    this.#byId.set(record.id, network);
    return network;
  }

  /** Puts the record on disk as it is here. */
  restore({ record }: Network): void {
    this.#table.put(record);
  }

  /** The records as they are on disk; a row that cannot be read goes to `damaged`. */
  onDisk(damaged: (id: string, name: string, error: unknown) => void): Iterable<NetworkRecord> {
    return this.#table.load(damaged);
  }

  delete({ id }: Network): void {
    this.#table.delete(id);
    this.#byId.delete(id);
  }

  /**
   * The network that a name, an id or the beginning of an id means, in this order.
   * @throws `not_found`, `invalid` for a prefix of several; both with Docker's sentences.
   */
  get(nameOrId: string): Network {
    const found = this.find(nameOrId);
    if (found === undefined) throw notFound(`network ${nameOrId} not found`);
    return found;
  }

  /** The same, or undefined; @throws `invalid` for a prefix of several. */
  find(nameOrId: string): Network | undefined {
    const named = this.named(nameOrId) ?? this.#byId.get(nameOrId);
    if (named !== undefined || !/^[0-9a-f]+$/.test(nameOrId)) return named;
    const matches = [...this].filter(({ id }) => id.startsWith(nameOrId));
    if (matches.length > 1) {
      throw invalid(`network ${nameOrId} is ambiguous (${matches.length} matches found on ID prefix)`);
    }
    return matches[0];
  }

  named(name: string): Network | undefined {
    for (const network of this) if (network.name === name) return network;
    return undefined;
  }
}
