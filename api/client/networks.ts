import type { Explained, ExplainOptions, Filters, Networks, PruneOptions } from "../../base/container_engine.ts";
import type {
  EndpointSettings,
  NetworkCreate,
  NetworkCreated,
  NetworkInspect,
  NetworkPruneResult,
} from "../../base/docker/network.ts";
import type { HttpClient, HttpRequest } from "./http.ts";
import { apiPath, networkPart } from "./path.ts";
import { pruneRequest } from "./prune.ts";

/** Networks behind the API; a list has no containers in it, which only `inspect` shows. */
export class RemoteNetworks implements Networks {
  readonly #http: HttpClient;

  constructor(http: HttpClient) {
    this.#http = http;
  }

  list(filters?: Filters): Promise<NetworkInspect[]> {
    return this.#json({ method: "GET", path: apiPath("/networks", { filters }) });
  }

  async inspect(network: string): Promise<NetworkInspect> {
    return await this.#json({ method: "GET", path: apiPath(`/networks/${networkPart(network)}`) });
  }

  create(config: NetworkCreate, { explain }: ExplainOptions = {}): Promise<NetworkCreated & Explained> {
    return this.#json({ method: "POST", path: apiPath("/networks/create", { explain }), json: config });
  }

  async remove(network: string): Promise<void> {
    await this.#done({ method: "DELETE", path: apiPath(`/networks/${networkPart(network)}`) });
  }

  async connect(
    network: string,
    container: string,
    endpoint?: EndpointSettings,
    { explain = false }: ExplainOptions = {},
  ): Promise<Explained> {
    const path = apiPath(`/networks/${networkPart(network)}/connect`, { explain });
    const request: HttpRequest = { method: "POST", path, json: { Container: container, EndpointConfig: endpoint } };
    if (explain) return await this.#json(request);
    await this.#done(request);
    return {};
  }

  async disconnect(network: string, container: string, options: { force?: boolean } = {}): Promise<void> {
    const path = apiPath(`/networks/${networkPart(network)}/disconnect`);
    await this.#done({ method: "POST", path, json: { Container: container, Force: options.force ?? false } });
  }

  async prune(filters?: Filters, options?: PruneOptions): Promise<NetworkPruneResult> {
    const request = pruneRequest("/networks/prune", filters, options);
    const answer = await this.#json<{ NetworksDeleted: string[] | null }>(request);
    return { NetworksDeleted: answer.NetworksDeleted ?? [] };
  }

  async #json<T>(request: HttpRequest): Promise<T> {
    return await (await this.#http.request(request)).json() as T;
  }

  async #done(request: HttpRequest): Promise<void> {
    await (await this.#http.request(request)).text();
  }
}
