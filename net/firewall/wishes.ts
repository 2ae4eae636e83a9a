/** What everybody has asked of the firewall so far. */
import { conflict, internal } from "../../base/errors.ts";
import { checkLink, checkNetwork, checkPort } from "./check_data.ts";
import { type FirewallLink, type FirewallNetwork, type FirewallPort, type FirewallState } from "./firewall_data.ts";

/** The state of the firewall as it should be, one entry for each thing. */
export class Wishes {
  readonly #networks = new Map<string, FirewallNetwork>();
  readonly #ports = new Map<string, FirewallPort>();
  readonly #links = new Map<string, FirewallLink>();

  get state(): FirewallState {
    return {
      networks: [...this.#networks.values()],
      ports: [...this.#ports.values()],
      links: [...this.#links.values()],
    };
  }

  get isEmpty(): boolean {
    return this.#networks.size + this.#ports.size === 0;
  }

  setNetwork(network: FirewallNetwork): void {
    checkNetwork(network);
    this.#networks.set(network.bridge, network);
  }

  network(bridge: string): FirewallNetwork | undefined {
    return this.#networks.get(bridge);
  }

  /** Its ports and links go with it. */
  removeNetwork(bridge: string): void {
    this.#networks.delete(bridge);
    for (const things of [this.#ports, this.#links]) {
      for (const [key, thing] of things) if (thing.bridge === bridge) things.delete(key);
    }
  }

  /** Takes all, or throws and takes none. A host port that leads elsewhere so far leads here from now on. */
  add(ports: readonly FirewallPort[], links: readonly FirewallLink[]): void {
    ports.forEach(checkPort);
    links.forEach(checkLink);
    const unknown = [...ports, ...links].find(({ bridge }) => !this.#networks.has(bridge));
    if (unknown !== undefined) throw internal(`the firewall does not know the bridge ${unknown.bridge}`);
    const twice = firstTwice(ports.map(portKey));
    if (twice !== undefined) throw conflict(`the port ${twice} is published twice`);
    for (const port of ports) this.#ports.set(portKey(port), port);
    for (const link of links) this.#links.set(linkKey(link), link);
  }

  /** Forgets these, but not a host port that meanwhile leads to another container. */
  remove(ports: readonly FirewallPort[], links: readonly FirewallLink[]): void {
    for (const port of ports) {
      const known = this.#ports.get(portKey(port));
      const same = known?.containerIp === port.containerIp && known.containerPort === port.containerPort;
      if (same) this.#ports.delete(portKey(port));
    }
    for (const link of links) this.#links.delete(linkKey(link));
  }

  clear(): void {
    for (const things of [this.#networks, this.#ports, this.#links]) things.clear();
  }
}

function portKey({ protocol, hostIp, hostPort }: FirewallPort): string {
  return `${hostIp}:${hostPort}/${protocol}`;
}

function linkKey({ bridge, from, to, port, protocol }: FirewallLink): string {
  return `${bridge} ${from} ${to}:${port}/${protocol}`;
}

function firstTwice(keys: readonly string[]): string | undefined {
  return keys.find((key, i) => keys.indexOf(key) !== i);
}
