/** Networks that only pretend: names in a map, no interface anywhere. */
import type { Explained, ExplainOptions, Filters, Networks, NetworkStep } from "../base/container_engine.ts";
import type { EndpointSettings, NetworkCreate, NetworkInspect } from "../base/docker/network.ts";
import { conflict, forbidden, notFound } from "../base/errors.ts";

export class MemoryNetworks implements Networks {
  readonly byName = new Map<string, NetworkInspect>();
  /** What each network was created with. */
  readonly created: NetworkCreate[] = [];
  /** The endpoints that connections asked for, by `network container`. */
  readonly wished = new Map<string, EndpointSettings | undefined>();
  /** The filters of the last list or prune. */
  filters: Filters | undefined;

  constructor() {
    for (const [name, driver] of [["bridge", "bridge"], ["host", "host"], ["none", "null"]] as const) {
      this.#add({ Name: name, Driver: driver });
    }
  }

  list(filters: Filters = {}): Promise<NetworkInspect[]> {
    this.filters = filters;
    return Promise.resolve([...this.byName.values()]);
  }

  async inspect(network: string): Promise<NetworkInspect> {
    return await this.#find(network);
  }

  async create(config: NetworkCreate, { explain = false }: ExplainOptions = {}) {
    if (this.byName.has(config.Name)) throw conflict(`network with name ${config.Name} already exists`);
    this.created.push(config);
    return await { Id: this.#add(config).Id, Warning: "", ...told(explain, `create ${config.Name}`) };
  }

  async remove(network: string): Promise<void> {
    const { Name, Containers } = await this.#find(network);
    if (["bridge", "host", "none"].includes(Name)) {
      throw forbidden(`${Name} is a pre-defined network and cannot be removed`);
    }
    if (Object.keys(Containers).length > 0) {
      throw forbidden(`error while removing network: network ${Name} has active endpoints`);
    }
    this.byName.delete(Name);
  }

  async connect(
    network: string,
    container: string,
    endpoint?: EndpointSettings,
    { explain = false }: ExplainOptions = {},
  ): Promise<Explained> {
    const { Containers } = await this.#find(network);
    this.wished.set(`${network} ${container}`, endpoint);
    Containers[container] = { Name: container, EndpointID: "", MacAddress: "", IPv4Address: "", IPv6Address: "" };
    return told(explain, `connect ${container}`);
  }

  async disconnect(network: string, container: string, { force = false } = {}): Promise<void> {
    const { Containers, Name } = await this.#find(network);
    if (Containers[container] === undefined && !force) {
      throw forbidden(`container ${container} is not connected to network ${Name}`);
    }
    delete Containers[container];
  }

  prune(filters: Filters = {}) {
    this.filters = filters;
    const unused = [...this.byName.values()].filter(({ Name, Containers }) =>
      !["bridge", "host", "none"].includes(Name) && Object.keys(Containers).length === 0
    );
    for (const { Name } of unused) this.byName.delete(Name);
    return Promise.resolve({ NetworksDeleted: unused.map(({ Name }) => Name) });
  }

  #add({ Name, Driver = "bridge", IPAM, Internal = false, Options, Labels }: NetworkCreate): NetworkInspect {
    const network: NetworkInspect = {
      Name,
      Id: String(this.byName.size + 1).repeat(64).slice(0, 64),
      Created: "2026-01-02T03:04:05.123456789Z",
      Scope: "local",
      Driver,
      EnableIPv6: false,
      IPAM: { Driver: "default", Options: null, Config: IPAM?.Config ?? [] },
      Internal,
      Attachable: false,
      Ingress: false,
      ConfigFrom: { Network: "" },
      ConfigOnly: false,
      Containers: {},
      Options: Options ?? {},
      Labels: Labels ?? {},
    };
    this.byName.set(Name, network);
    return network;
  }

  #find(name: string): NetworkInspect {
    for (const network of this.byName.values()) {
      if (network.Name === name || network.Id.startsWith(name)) return network;
    }
    throw notFound(`network ${name} not found`);
  }
}

/** An answer with one step. */
export function told(explain: boolean, text: string): Explained {
  const step: NetworkStep = { kind: "netlink", place: "host", text, reason: "it was asked for" };
  return explain ? { Steps: [step] } : {};
}
