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
import { NameRedirect } from "../../net/dns/redirect.ts";
import { DNS_ADDRESS, DnsServer } from "../../net/dns/server.ts";
import type { FirewallLink, FirewallPort } from "../../net/firewall/firewall_data.ts";
import type { PortLease } from "../../net/ports/port_lease.ts";
import { hostAddress, type PublishedPort } from "../../net/ports/published_port.ts";
import { duplicate, type Fd } from "../../sys/fd.ts";
import { newNamespace, withinNamespace } from "../../sys/namespace.ts";
import type { Container } from "../containers/container.ts";
import type { ContainerRecord } from "../container_record.ts";
import type { Parts } from "../parts.ts";
import { adoptEndpoint, type Endpoint, joinNetwork } from "./endpoint.ts";
import { portRules } from "./firewall_rules.ts";
import { linkRules } from "./links.ts";
import { namesInNetwork, nameView } from "./name_view.ts";
import type { Network } from "./network.ts";
import { portsShown, portWishes, publishedIn } from "./published_ports.ts";
import type { NetworkAction } from "./recorder.ts";
import { serveByProxy } from "./serve_by_proxy.ts";
import { protectNetwork } from "./realize.ts";
import { isNetworked, settingsWith } from "./wishes.ts";
import { upstreams } from "./upstreams.ts";

export class ContainerNetwork implements Disposable {
  readonly #parts: Parts;
  readonly #container: Container;
  /** In the order of the interfaces. */
  readonly #endpoints: Endpoint[] = [];
  readonly #held = new DisposableStack();
  #lease: PortLease | undefined;
  #dns: DnsServer | undefined;
  /** Brings questions to the name server where port 53 is left to the container; to be done once. */
  #redirected: (() => Promise<void>) | undefined;
  #carried = false;
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
      .map(([name, settings]) => ({ network: networks.get(name), settings }));
    prepare(this.#parts, namespace, wanted.some(({ network }) => network.record.ipv6));
    for (const { network, settings } of wanted) this.#join(namespace, network, settings);
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
      if (known !== undefined) network.#endpoints.push(adoptEndpoint(known, settings));
    }
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

  /** Settles when the ports answer, and names. */
  async publish(): Promise<void> {
    const done: NetworkAction[] = this.#publishing = [];
    const { recorder } = this.#parts.host;
    await Promise.all([recorder.duringRules(done, this.#named, () => this.#protect()), this.#redirected?.()]);
    recorder.during(done, () => {
      this.#forgetFlows();
      this.#carryOthers();
    });
  }

  async #protect(): Promise<void> {
    await Promise.all(this.#endpoints.map(({ network }) => protectNetwork(this.#parts, network)));
    const firewall = await this.#parts.host.firewall();
    if (firewall === undefined) return;
    this.#published = this.rules;
    await firewall.add(this.#published.ports, this.#published.links);
  }

  /** What rules call it by: its bridges, its addresses. */
  get #named(): string[] {
    return this.#endpoints.flatMap(({ network: { record }, settings: { IPAddress, GlobalIPv6Address } }) =>
      [record.bridge, IPAddress, GlobalIPv6Address].filter((name): name is string => Boolean(name))
    );
  }

  /** UDP has no end that the kernel could see: what it remembers of a flow would go to the one who had the port before. */
  #forgetFlows(): void {
    for (const { protocol, hostPort } of this.#lease?.ports ?? []) {
      if (protocol === "udp") forgetFlows({ protocol, hostPort });
    }
  }

  /** What no rule translates goes by the proxy: without a firewall all, else IPv6 to a container that has none. */
  #carryOthers(): void {
    const [first] = this.#endpoints;
    const lease = this.#lease;
    const ip = first?.settings.IPAddress || first?.settings.GlobalIPv6Address;
    if (lease === undefined || this.#carried || !ip) return;
    const translated = (port: PublishedPort) =>
      this.#published.ports.some(({ protocol, hostIp, hostPort }) =>
        protocol === port.protocol && hostIp === port.hostIp && hostPort === port.hostPort
      );
    const ports = lease.ports.filter((port) => !translated(port));
    const proxyProtocol = this.#mode === "proxy-protocol";
    this.#held.use(serveByProxy(this.#parts, lease, ports, { ip, proxyProtocol }));
    for (const port of ports) {
      const target = hostAddress({ ...port, hostIp: ip, hostPort: port.containerPort });
      const listens = hostAddress(port);
      this.#parts.host.recorder.note({ kind: "proxy", listens, protocol: port.protocol, target });
    }
    this.#carried = true;
  }

  /** A further network for a container that runs. */
  connect(namespace: Fd, network: Network, settings: EndpointSettings): Endpoint {
    const endpoint = this.#join(namespace, network, settings);
    this.#listen(namespace);
    return endpoint;
  }

  /** Takes the container out of a network: its addresses at once, the interface when the kernel comes to it. */
  disconnect(namespace: Fd, network: Network): void {
    const at = this.#endpoints.findIndex((endpoint) => endpoint.network === network);
    const [endpoint] = at < 0 ? [] : this.#endpoints.splice(at, 1);
    if (endpoint === undefined) return;
    endpoint.release();
    const { host, log } = this.#parts;
    withinNamespace("net", namespace, () => {
      using undo = new DisposableStack();
      const inside = undo.use(host.openRoutes("container"));
      const link = inside.links().find(({ mac }) => mac === endpoint.settings.MacAddress);
      if (link === undefined) return;
      for (const { index, ip, prefix } of inside.addresses()) {
        if (index === link.index) inside.removeAddress(index, `${ip}/${prefix}`);
      }
      undo.move();
      inside.deleteLinkAside(link.index).catch((error) => log(`interface ${link.name}: ${describeError(error)}`));
    });
  }

  /** The container has ended: addresses, ports and rules are free for others. */
  release(): void {
    for (const { release } of this.#endpoints.splice(0)) release();
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
    this.#dns?.[Symbol.dispose]();
    this.#dns = undefined;
    this.#held.dispose();
  }

  #join(namespace: Fd, network: Network, settings: EndpointSettings): Endpoint {
    const endpoint = joinNetwork(this.#parts, network, namespace, {
      settings: {
        ...settings,
        DNSNames: network.resolvesNames ? namesInNetwork(this.#container.record, settings) : null,
      },
      mac: this.#container.record.chosenMacs[network.name],
      interfaceName: `eth${freeNumber(this.#parts, namespace)}`,
      published: this.#endpoints.length === 0 && portWishes(this.#container.record, network).length > 0,
      defaultRoute: !this.#endpoints.some((other) => !other.network.record.internal),
    });
    this.#endpoints.push(endpoint);
    const { DNSNames: names, IPAddress, GlobalIPv6Address } = endpoint.settings;
    if (names) {
      const addresses = [IPAddress, GlobalIPv6Address].filter((ip): ip is string => Boolean(ip));
      this.#parts.host.recorder.note({ kind: "names", network: network.name, names, addresses });
    }
    return endpoint;
  }

  /** No way out: then no question goes out, either (CVE-2024-29018). */
  get #isInternal(): boolean {
    return this.#endpoints.every(({ network }) => network.record.internal);
  }

  /** Names are served as soon as one of the networks has some. */
  #listen(namespace: Fd): void {
    if (this.#dns !== undefined || !this.#endpoints.some(({ network }) => network.resolvesNames)) return;
    const { record } = this.#container;
    const own = servesNames(record) ? this.#held.use(duplicate(namespace)) : undefined;
    const redirect = own && NameRedirect.find(own);
    const dns = this.#dns = DnsServer.listen(namespace, {
      ...redirect && { port: 0 },
      view: nameView(this.#parts, this.#container),
      upstreams: () => this.#isInternal ? undefined : upstreams(record.hostConfig),
      poller: this.#parts.reactor,
      log: this.#parts.log,
    });
    if (redirect !== undefined) {
      this.#redirected = async () => {
        this.#redirected = undefined;
        await redirect.apply(dns.ports).finally(() => own?.close());
      };
    }
    this.#parts.host.recorder.note({ kind: "resolver", address: DNS_ADDRESS, forwards: !this.#isInternal });
  }
}

/** Whether it serves names itself: then port 53 is its own, on all its addresses. */
function servesNames({ config, hostConfig }: ContainerRecord): boolean {
  return [...Object.keys(config.ExposedPorts ?? {}), ...Object.keys(hostConfig.PortBindings)]
    .some((port) => /^53(\/|$)/.test(port));
}

/** A new namespace: loopback up, and no addresses of IPv6 but where they were asked for. */
function prepare({ host }: Parts, namespace: Fd, ipv6: boolean): void {
  withinNamespace("net", namespace, () => {
    using inside = host.openRoutes("container");
    const loopback = inside.link("lo");
    if (loopback !== undefined) inside.setUp(loopback.index);
    if (ipv6) return;
    try {
      host.setSysctl("ipv6/conf/default/disable_ipv6", "1", { place: "container" });
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
