import type { Explained, ExplainOptions, Filters, Networks, PruneOptions } from "../base/container_engine.ts";
import type {
  EndpointSettings,
  NetworkCreate,
  NetworkCreated,
  NetworkInspect,
  NetworkPruneResult,
} from "../base/docker/network.ts";
import { connectContainer, disconnectContainer } from "./networks/connect.ts";
import { createNetwork } from "./networks/create.ts";
import { inspectNetwork, listNetworks } from "./networks/inspect.ts";
import { explained } from "./networks/network_steps.ts";
import type { NetworkAction } from "./networks/recorder.ts";
import { pruneNetworks, removeNetwork } from "./networks/remove.ts";
import type { Parts } from "./parts.ts";
import { needingRoom } from "./reserve.ts";

/** The engine's `Networks`: finds the network, and calls the verb. */
export class EngineNetworks implements Networks {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  // deno-lint-ignore require-await -- what the verb throws must come as a rejection
  async list(filters: Filters = {}): Promise<NetworkInspect[]> {
    return listNetworks(this.#parts, filters);
  }

  // deno-lint-ignore require-await
  async inspect(network: string): Promise<NetworkInspect> {
    return inspectNetwork(this.#parts, this.#parts.networks.get(network));
  }

  // deno-lint-ignore require-await
  async create(
    config: NetworkCreate,
    { explain = false }: ExplainOptions = {},
  ): Promise<NetworkCreated & Explained> {
    const done: NetworkAction[] | undefined = explain ? [] : undefined;
    const { recorder } = this.#parts.host;
    const created = needingRoom(() => recorder.during(done, () => createNetwork(this.#parts, config)));
    return { ...created, ...explained(done) };
  }

  // deno-lint-ignore require-await
  async remove(network: string): Promise<void> {
    removeNetwork(this.#parts, this.#parts.networks.get(network));
  }

  async connect(
    network: string,
    container: string,
    endpoint: EndpointSettings = {},
    { explain = false }: ExplainOptions = {},
  ): Promise<Explained> {
    const { containers, networks } = this.#parts;
    const done: NetworkAction[] | undefined = explain ? [] : undefined;
    await connectContainer(this.#parts, networks.get(network), containers.get(container), endpoint, done);
    return explained(done);
  }

  async disconnect(network: string, container: string, { force = false }: { force?: boolean } = {}): Promise<void> {
    const { containers, networks } = this.#parts;
    const found = networks.get(network);
    if (force && containers.find(container) === undefined) return;
    await disconnectContainer(this.#parts, found, containers.get(container));
  }

  // deno-lint-ignore require-await
  async prune(filters: Filters = {}, options: PruneOptions = {}): Promise<NetworkPruneResult> {
    return pruneNetworks(this.#parts, filters, options);
  }
}
