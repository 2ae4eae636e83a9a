/**
 * A container's network while it runs: the namespace, its place in each network, the ports held for it, its name server.
 *
 * It is opened before the start (the tape joins the namespace), published while the tape is replayed, released when the
 * container ends, and let go of, nothing more, when the engine leaves: packets go on through the kernel alone, and the next
 * engine adopts it.
 */
import { describeError } from "../../base/errors.ts";
import type { EndpointSettings, NetworkSettings } from "../../base/docker/network.ts";
import { forgetFlows } from "../../net/conntrack.ts";
import type { FirewallLink, FirewallPort } from "../../net/firewall/firewall_data.ts";
import type { Link, RouteSocket } from "../../net/route_socket.ts";
import type { PortLease } from "../../net/ports/port_lease.ts";
import { hostAddress, type PublishedPort } from "../../net/ports/published_port.ts";
import type { Fd } from "../../sys/fd.ts";
import { newNamespace, withinNamespace } from "../../sys/namespace.ts";
import type { Container } from "../containers/container.ts";
import type { Parts } from "../parts.ts";
import { addresses, adoptEndpoint, type Endpoint, joinNetwork } from "./endpoint.ts";
import { portRules } from "./firewall_rules.ts";
import { linkRules } from "./links.ts";
import { NameService } from "./name_service.ts";
import { namesInNetwork } from "./name_view.ts";
import type { Network } from "./network.ts";
import { portsShown, portWishes, publishedIn } from "./published_ports.ts";
import type { NetworkAction } from "./recorder.ts";
import { serveByProxy } from "./serve_by_proxy.ts";
import { protectNetwork } from "./realize.ts";
import { besideOthers } from "./subnets.ts";
import { isNetworked, settingsWith } from "./wishes.ts";

export class ContainerNetwork implements Disposable {
  readonly #parts: Parts;
  readonly #container: Container;
  /** In the order of the interfaces. */
  readonly #endpoints: Endpoint[] = [];
  readonly #held = new DisposableStack();
  #lease: PortLease | undefined;
  #names: NameService | undefined;
  #proxies: Disposable | undefined;
  #published: ContainerNetwork["rules"] = { ports: [], links: [] };
  /** What was done to open it, and to publish its ports the last time; nobody knows it of one that was adopted. */
  #opening: NetworkAction[] | undefined;
  #publishing: NetworkAction[] = [];

  private constructor(parts: Parts, container: Container) {
    this.#parts = parts;
    this.#container = container;
  }

  /** A new namespace with everything in it; undefined for a container that has no network of its own. */
  static open(parts: Parts, container: Container): { network: ContainerNetwork; namespace: Fd } | undefined {
    const { record } = container;
    if (!isNetworked(record.hostConfig.NetworkMode)) return undefined;
    using undo = new DisposableStack();
    const namespace = undo.use(newNamespace("net"));
    const network = undo.adopt(new ContainerNetwork(parts, container), (opened) => opened.release());
    parts.host.recorder.during(network.#opening = [], () => network.#furnish(namespace));
    undo.move();
    return { network, namespace };
  }

  #furnish(namespace: Fd): void {
    const { host, networks } = this.#parts;
    const wanted = Object.entries(this.#container.record.networkSettings.Networks)
      .map(([name, settings]) => ({ network: besideOthers(this.#parts, networks.get(name)), settings }));
    prepare(this.#parts, namespace, wanted.some(({ network }) => network.record.ipv6));
    wanted.forEach(({ network, settings }, number) => this.#join(namespace, network, settings, number));
    const [first] = this.#endpoints;
    const wishes = first === undefined ? [] : portWishes(this.#container.record, first.network);
    if (wishes.length > 0) this.#lease = this.#held.use(host.ports.allocate(wishes));
    this.#listen(namespace);
  }

  /** The network of a container that an engine before this one has started. */
  static adopt(parts: Parts, container: Container, namespace: Fd): ContainerNetwork {
    const network = new ContainerNetwork(parts, container);
    for (const [name, settings] of Object.entries(container.record.networkSettings.Networks)) {
      const known = parts.networks.named(name);
      if (known === undefined || known.id !== settings.NetworkID) continue;
      network.#endpoints.push(adoptEndpoint(known, settings));
    }
    parts.networks.changes++;
    const ports = publishedIn(container.record.networkSettings);
    const lost = (port: PublishedPort, why: string) =>
      parts.log(`port ${hostAddress(port)} of container ${container.id}: ${why}`);
    if (ports.length > 0) network.#lease = network.#held.use(parts.host.ports.adopt(ports, lost));
    try {
      network.#listen(namespace);
    } catch (error) { // a name server of the container's own may have taken the port meanwhile
      parts.log(`name server of container ${container.id}: ${describeError(error)}`);
    }
    return network;
  }

  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  /** What was done for it, in order; undefined when another engine has done it. */
  get actions(): readonly NetworkAction[] | undefined {
    return this.#opening && [...this.#opening, ...this.#publishing];
  }

  /** What the record keeps and `inspect` shows. */
  get settings(): NetworkSettings {
    const networks = Object.fromEntries(this.#endpoints.map(({ network, settings }) => [network.name, settings]));
    return settingsWith(networks, portsShown(this.#container.record, this.#lease?.ports ?? []));
  }

  /** What the firewall has to have for it. */
  get rules(): { readonly ports: readonly FirewallPort[]; readonly links: readonly FirewallLink[] } {
    const [first] = this.#endpoints;
    const translated = first !== undefined && this.#mode === "dnat";
    return {
      ports: translated ? (this.#lease?.ports ?? []).flatMap((port) => portRules(first, port)) : [],
      links: linkRules(this.#parts, this.#container, this.#endpoints),
    };
  }

  /** How its ports are published: by the firewall unless the user says otherwise. */
  get #mode(): string {
    const { hostConfig } = this.#container.record;
    return hostConfig.PublishMode || this.#endpoints[0]?.network.record.options["sauropod.publish_mode"] || "dnat";
  }

  /** Settles when the ports answer, and names; gives what was done for it. */
  async publish(): Promise<readonly NetworkAction[]> {
    const done: NetworkAction[] = this.#publishing = [];
    const { recorder } = this.#parts.host;
    const protecting = recorder.duringRules(done, this.#named, () => this.#protect());
    const [, redirect] = await Promise.all([protecting, this.#names?.reach()]);
    if (redirect !== undefined) done.push({ kind: "firewall", place: "container", family: 4, text: redirect });
    recorder.during(done, () => {
      this.#forgetFlows();
      this.#carryOthers();
    });
    return done;
  }

  async #protect(): Promise<void> {
    await Promise.all(this.#endpoints.map(({ network }) => protectNetwork(this.#parts, network)));
    const firewall = await this.#parts.host.firewall();
    if (firewall === undefined) return;
    const { links: before } = this.#published;
    this.#published = this.rules;
    await firewall.add(this.#published.ports, this.#published.links);
    const now = new Set(this.#published.links.map((link) => JSON.stringify(link)));
    firewall.remove([], before.filter((link) => !now.has(JSON.stringify(link))));
    // A port that the proxy carries may have been another container's a moment ago: its rule would still lead there. That
    // waits for the kernel, so not for IPv6, which the proxy carries for nearly everybody.
    const isIpv4 = ({ hostIp }: { readonly hostIp: string }) => !hostIp.includes(":");
    const [held, translated] = [this.#lease?.ports ?? [], this.#published.ports].map((ports) => ports.filter(isIpv4));
    if ((held?.length ?? 0) > (translated?.length ?? 0)) await firewall.removeNow();
  }

  /** What rules call it by: its bridges, its addresses. */
  get #named(): string[] {
    const bridges = this.#endpoints.map(({ network }) => network.record.bridge).filter((name) => name !== "");
    return [...bridges, ...this.#endpoints.flatMap(addresses)];
  }

  /** UDP has no end that the kernel could see: what it remembers of a flow would go to the one who had the port before. */
  #forgetFlows(): void {
    for (const { protocol, hostPort } of this.#lease?.ports ?? []) {
      if (protocol === "udp") forgetFlows({ protocol, hostPort }, this.#parts.host.recorder.requests("host"));
    }
  }

  /**
   * What no rule translates goes by the proxy: without a firewall all, else IPv6 to a container that has none, and what is
   * sent to the host's ::1, for there is no route_localnet of IPv6.
   */
  #carryOthers(): void {
    const [first] = this.#endpoints;
    const lease = this.#lease;
    if (lease === undefined || this.#proxies !== undefined || first === undefined) return;
    const { IPAddress, GlobalIPv6Address } = first.settings;
    const translated = (port: PublishedPort) =>
      port.hostIp !== "::" &&
      this.#published.ports.some(({ protocol, hostIp, hostPort }) =>
        protocol === port.protocol && hostIp === port.hostIp && hostPort === port.hostPort
      );
    const ports = lease.ports.filter((port) => !translated(port));
    const proxyProtocol = this.#mode === "proxy-protocol";
    const ipFor = ({ hostIp }: PublishedPort) =>
      (hostIp.includes(":") ? GlobalIPv6Address || IPAddress : IPAddress || GlobalIPv6Address) ?? "";
    this.#proxies = serveByProxy(this.#parts, lease, ports, { ipFor, proxyProtocol });
    for (const port of ports) {
      const target = hostAddress({ ...port, hostIp: ipFor(port), hostPort: port.containerPort });
      const listens = hostAddress(port);
      this.#parts.host.recorder.note({ kind: "proxy", listens, protocol: port.protocol, target });
    }
  }

  /** Ports and links lead to the network that is the first now. */
  async republish(): Promise<readonly NetworkAction[]> {
    this.#proxies?.[Symbol.dispose]();
    this.#proxies = undefined;
    const { ports, links } = this.#published;
    this.#published = { ports: [], links: [] };
    (await this.#parts.host.firewall())?.remove(ports, links);
    return await this.publish();
  }

  /** A further network for a container that runs. */
  connect(namespace: Fd, network: Network, settings: EndpointSettings): Endpoint {
    if (network.record.ipv6) switchIpv6(this.#parts, namespace, true); // off as long as no network had it
    const endpoint = this.#join(namespace, network, settings, freeNumber(this.#parts, namespace));
    this.#leadOut(namespace);
    this.#listen(namespace);
    return endpoint;
  }

  /**
   * Takes the container out of a network: its addresses at once, the interface when the kernel comes to it. Nobody else
   * gets the addresses before the ports lead elsewhere.
   */
  async disconnect(namespace: Fd, network: Network): Promise<void> {
    const at = this.#endpoints.findIndex((endpoint) => endpoint.network === network);
    const [endpoint] = at < 0 ? [] : this.#endpoints.splice(at, 1);
    if (endpoint === undefined) return;
    this.#parts.networks.changes++;
    using left = new DisposableStack();
    left.defer(() => endpoint.release());
    const { host, log } = this.#parts;
    withinNamespace("net", namespace, () => {
      using undo = new DisposableStack();
      const inside = undo.use(host.openRoutes("container"));
      const link = interfaceOf(inside, endpoint);
      if (link === undefined) return;
      for (const { index, via } of inside.routes().filter(({ to }) => to === "default")) {
        if (index === link.index && via !== undefined) inside.removeRoute({ to: "default", via, index });
      }
      for (const { index, ip, prefix } of inside.addresses()) {
        if (index === link.index) inside.removeAddress(index, `${ip}/${prefix}`);
      }
      undo.move();
      inside.deleteLinkAside(link.index).catch((error) => log(`interface ${link.name}: ${describeError(error)}`));
    });
    this.#leadOut(namespace);
    if (at === 0) await this.republish();
  }

  /** The first network that leads out has the default route, of IPv4 and of IPv6, where there is none. */
  #leadOut(namespace: Fd): void {
    const { host } = this.#parts;
    withinNamespace("net", namespace, () => {
      using inside = host.openRoutes("container");
      const has = new Set(inside.routes().filter(({ to }) => to === "default").map(({ family }) => family));
      const gateways = [
        [4, this.#endpoints.map(({ settings }) => settings.Gateway).find(Boolean)],
        [6, this.#endpoints.map(({ settings }) => settings.IPv6Gateway).find(Boolean)],
      ] as const;
      for (const [family, via] of gateways) if (via && !has.has(family)) inside.addRoute({ to: "default", via });
    });
  }

  /** The container has ended: addresses, ports and rules are free for others. */
  release(): void {
    for (const { release } of this.#endpoints.splice(0)) release();
    this.#parts.networks.changes++;
    const { ports, links } = this.#published;
    this.#published = { ports: [], links: [] };
    if (ports.length + links.length > 0) {
      void this.#parts.host.firewall().then((firewall) => firewall?.remove(ports, links));
    }
    this.#forgetFlows();
    this[Symbol.dispose]();
  }

  /** Lets go of what only this engine has: sockets, which would keep the namespace alive. */
  [Symbol.dispose](): void {
    this.#proxies?.[Symbol.dispose]();
    this.#proxies = undefined;
    this.#names?.[Symbol.dispose]();
    this.#names = undefined;
    this.#held.dispose();
  }

  #join(namespace: Fd, network: Network, settings: EndpointSettings, number: number): Endpoint {
    const endpoint = joinNetwork(this.#parts, network, namespace, {
      settings: {
        ...settings,
        DNSNames: network.resolvesNames ? namesInNetwork(this.#container.record, settings) : null,
      },
      mac: this.#container.record.chosenMacs[network.name] || undefined,
      interfaceName: `eth${number}`,
      published: portWishes(this.#container.record, network).length > 0,
      defaultRoute: !this.#endpoints.some((other) => !other.network.record.internal),
    });
    this.#endpoints.push(endpoint);
    this.#parts.networks.changes++;
    const names = endpoint.settings.DNSNames;
    if (names) {
      const { recorder } = this.#parts.host;
      recorder.note({ kind: "names", network: network.name, names, addresses: addresses(endpoint) });
    }
    return endpoint;
  }

  /** No way out. */
  get #isInternal(): boolean {
    return this.#endpoints.every(({ network }) => network.record.internal);
  }

  /** Names are served as soon as one of the networks has some. */
  #listen(namespace: Fd): void {
    if (this.#names !== undefined || !this.#endpoints.some(({ network }) => network.resolvesNames)) return;
    this.#names = NameService.listen(this.#parts, this.#container, namespace, () => this.#isInternal);
  }
}

/** By its MAC address, which no other has; by its address where it shares its parent's (ipvlan). */
function interfaceOf(inside: RouteSocket, { settings }: Endpoint): Link | undefined {
  const links = inside.links();
  if (settings.MacAddress) return links.find(({ mac }) => mac === settings.MacAddress);
  const place = inside.addresses().find(({ ip }) => addresses({ settings }).includes(ip));
  return links.find(({ index }) => index === place?.index);
}

/** A new namespace: loopback up, and no addresses of IPv6 but where they were asked for. */
function prepare({ host }: Pick<Parts, "host">, namespace: Fd, ipv6: boolean): void {
  withinNamespace("net", namespace, () => {
    using inside = host.openRoutes("container");
    const loopback = inside.link("lo");
    if (loopback !== undefined) inside.setUp(loopback.index);
  });
  if (!ipv6) switchIpv6({ host }, namespace, false);
}

/** Whether interfaces that come from now on have IPv6. */
function switchIpv6({ host }: Pick<Parts, "host">, namespace: Fd, on: boolean): void {
  withinNamespace("net", namespace, () => {
    try {
      host.setSysctl("ipv6/conf/default/disable_ipv6", on ? "0" : "1", { place: "container" });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // a kernel without IPv6
    }
  });
}

function freeNumber({ host }: Parts, namespace: Fd): number {
  const names = withinNamespace("net", namespace, () => {
    using inside = host.openRoutes("container");
    return new Set(inside.links().map(({ name }) => name));
  });
  for (let number = 0;; number++) if (!names.has(`eth${number}`)) return number;
}
