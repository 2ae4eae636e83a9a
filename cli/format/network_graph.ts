/** Who is in which network, and what the host listens for: what both pictures of `network graph` are drawn from. */
import { addressText } from "../../base/address_text.ts";
import type { ContainerSummary } from "../../base/docker/container.ts";
import type { EndpointSettings, NetworkInspect } from "../../base/docker/network.ts";
import { shortId } from "../../base/names.ts";
import { naturalOrder } from "./natural_order.ts";

/** A network and its place among the others. */
export interface GraphNetwork {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly internal: boolean;
  /** `172.17.0.0/16`, the one of IPv6 after it. */
  readonly subnets: readonly string[];
  readonly gateways: readonly string[];
}

/** A container's place in a network. */
export interface GraphEndpoint {
  readonly network: GraphNetwork;
  /** None while it does not run, and in the host's own network. */
  readonly addresses: readonly string[];
}

export interface GraphContainer {
  readonly name: string;
  readonly running: boolean;
  /** `running`, `exited` …, docker's word. */
  readonly state: string;
  /** Main network first. */
  readonly endpoints: readonly GraphEndpoint[];
  /** What the host listens for: `*:8080 → 80/tcp`. */
  readonly ports: readonly string[];
  /** Those that live in its network namespace, by name. */
  readonly guests: readonly GraphContainer[];
}

export interface NetworkGraph {
  readonly networks: readonly GraphNetwork[];
  /** Without guests, which are with their hosts. */
  readonly containers: readonly GraphContainer[];
}

/** The graph of these networks and of the containers in them; `host` and `none` are left out where nobody is in them. */
export function networkGraph(
  networks: readonly NetworkInspect[],
  summaries: readonly ContainerSummary[],
): NetworkGraph {
  const all = networks.map(graphNetwork).sort(inOrder);
  const containers = summaries.filter((summary) => hostOf(summary) === undefined)
    .map((summary) => graphContainer(summary, all, summaries))
    .filter(({ endpoints }) => endpoints.length > 0)
    .sort((a, b) => naturalOrder(a.name, b.name));
  const used = new Set(containers.flatMap(({ endpoints }) => endpoints.map(({ network }) => network)));
  return { networks: all.filter((network) => used.has(network) || !isBuiltInPlace(network)), containers };
}

function graphNetwork({ Id, Name, Driver, Internal, IPAM }: NetworkInspect): GraphNetwork {
  const pools = IPAM.Config ?? [];
  return {
    id: Id,
    name: Name,
    driver: Driver,
    internal: Internal,
    subnets: pools.flatMap(({ Subnet }) => Subnet ? [Subnet] : []),
    gateways: pools.flatMap(({ Gateway }) => Gateway ? [Gateway.replace(/\/.*$/, "")] : []),
  };
}

function graphContainer(
  summary: ContainerSummary,
  networks: readonly GraphNetwork[],
  summaries: readonly ContainerSummary[],
): GraphContainer {
  const main = mainNetwork(summary);
  const endpoints = Object.entries(summary.NetworkSettings.Networks)
    .sort(([a], [b]) => Number(b === main) - Number(a === main) || naturalOrder(a, b))
    .flatMap(([name, settings]) => {
      const network = networks.find((one) => settings.NetworkID ? one.id === settings.NetworkID : one.name === name);
      return network === undefined ? [] : [{ network, addresses: addressesOf(settings) }];
    });
  return {
    name: nameOf(summary),
    running: summary.State === "running" || summary.State === "paused",
    state: summary.State,
    endpoints,
    ports: publishedPorts(summary.Ports),
    guests: summaries.filter((other) => other !== summary && isGuest(other, summary))
      .map((other) => graphContainer(other, networks, summaries)),
  };
}

function mainNetwork({ HostConfig }: ContainerSummary): string {
  return HostConfig.NetworkMode === "default" ? "bridge" : HostConfig.NetworkMode;
}

/** Of `--network container:ID` the id. */
function hostOf({ HostConfig }: ContainerSummary): string | undefined {
  return /^container:(.+)$/.exec(HostConfig.NetworkMode)?.[1];
}

function isGuest(guest: ContainerSummary, host: ContainerSummary): boolean {
  const id = hostOf(guest);
  return id !== undefined && (host.Id.startsWith(id) || nameOf(host) === id);
}

function nameOf({ Id, Names }: ContainerSummary): string {
  const names = Names.map((name) => name.replace(/^\//, ""));
  return names.find((name) => !name.includes("/")) ?? shortId(Id);
}

function addressesOf({ IPAddress, GlobalIPv6Address }: EndpointSettings): string[] {
  return [IPAddress, GlobalIPv6Address].flatMap((address) => address ? [address] : []);
}

/** One line for each; a port that is bound to all addresses of IPv4 and of IPv6 has one for both. */
function publishedPorts(ports: ContainerSummary["Ports"]): string[] {
  const lines = new Map<string, string>();
  const sorted = ports.toSorted((a, b) => a.PrivatePort - b.PrivatePort || (a.PublicPort ?? 0) - (b.PublicPort ?? 0));
  for (const { IP = "", PrivatePort, PublicPort, Type } of sorted) {
    if (PublicPort === undefined) continue;
    const anywhere = IP === "" || IP === "0.0.0.0" || IP === "::";
    const from = anywhere ? `*:${PublicPort}` : addressText({ ip: IP, port: PublicPort });
    const line = `${from} → ${PrivatePort}/${Type}`;
    lines.set(line, line);
  }
  return [...lines.keys()];
}

/** The three that are always there first and last: `bridge`, the user's, `host`, `none`. */
function inOrder(a: GraphNetwork, b: GraphNetwork): number {
  return rank(a) - rank(b) || naturalOrder(a.name, b.name);
}

function rank({ name }: GraphNetwork): number {
  return name === "bridge" ? 0 : name === "host" ? 2 : name === "none" ? 3 : 1;
}

function isBuiltInPlace(network: GraphNetwork): boolean {
  return rank(network) >= 2;
}
