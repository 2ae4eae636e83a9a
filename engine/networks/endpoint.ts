import type { EndpointSettings } from "../../base/docker/network.ts";
import { internal, invalid, unavailable } from "../../base/errors.ts";
import { randomId } from "../../base/names.ts";
import { macOf, randomMac } from "../../net/mac.ts";
import type { AddressPool } from "../../net/ipam/pool.ts";
import type { Fd } from "../../sys/fd.ts";
import { withinNamespace } from "../../sys/namespace.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import type { Parts } from "../parts.ts";
import type { Network } from "./network.ts";
import { realizeNetwork } from "./realize.ts";
import { ipvlanMode, macvlanMode } from "./parent_modes.ts";
import { poolOf, prefixOf, versionOf } from "./pools.ts";

/** What a container's interface is to be. */
interface EndpointWish {
  readonly settings: EndpointSettings;
  readonly mac: string | undefined;
  /** Its name inside: `eth0`. */
  readonly interfaceName: string;
  /** It has ports of the host, and may call itself by them. */
  readonly published: boolean;
  /** The way to everywhere else leads through this network. */
  readonly defaultRoute: boolean;
}

/** A container's place in a network, while it runs. */
export interface Endpoint {
  readonly network: Network;
  readonly settings: EndpointSettings;
  /** Gives the addresses back. The interface goes with its namespace. */
  release(): void;
}

/** Of IPv4 first. */
export function addresses({ settings }: Pick<Endpoint, "settings">): string[] {
  return [settings.IPAddress, settings.GlobalIPv6Address].filter((ip): ip is string => Boolean(ip));
}

/** Takes addresses and makes the interface inside of `namespace`; ready to be used when it returns. */
export function joinNetwork(parts: Parts, network: Network, namespace: Fd, wish: EndpointWish): Endpoint {
  using undo = new DisposableStack();
  const taken = network.pools.map((pool) => {
    const ip = takeAddress(network, pool, wish.settings);
    undo.defer(() => pool.release(ip));
    return { ip, pool };
  });
  const [first] = taken;
  // An ipvlan has its parent's.
  const own = network.record.driver !== "ipvlan" && first !== undefined ? macOf(first.ip) : undefined;
  const mac = wish.mac ?? own;
  makeInterface(parts, network, namespace, wish, mac);
  const gateways = wish.defaultRoute && !network.record.internal ? taken.map(({ pool }) => pool.gateway()) : [];
  withinNamespace("net", namespace, () => {
    using inside = parts.host.openRoutes("container");
    const link = inside.link(wish.interfaceName);
    if (link === undefined) throw internal(`interface ${wish.interfaceName} is not in the container`);
    const addresses = taken.map(({ ip, pool }) => `${ip}/${prefixOf(pool)}`);
    const routes = gateways.map((via) => ({ to: "default", via }));
    if (network.record.driver !== "ipvlan") return inside.configure(link.index, { addresses, noDad: true, routes });
    for (const address of addresses) {
      onceFree(() => inside.addAddress(link.index, address, { noDad: true }));
    }
    inside.configure(link.index, { routes });
  });
  const given = undo.move();
  return {
    network,
    settings: { ...wish.settings, ...connected(network, taken, mac ?? "") },
    release: () => given.dispose(),
  };
}

/** Milliseconds that the kernel takes at most until it has done away with the interfaces of a container that is gone. */
const GOING = 3000;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Until then an ipvlan of its has its address, which nobody else on the same parent can get. It is some 20 ms, for which
 * the engine holds still: containers that come and go fast are rare on such networks.
 */
function onceFree(configure: () => void): void {
  for (const end = performance.now() + GOING;;) {
    try {
      return configure();
    } catch (error) {
      if (!isErrno(error, "EADDRINUSE") || performance.now() > end) throw error;
      Atomics.wait(sleeper, 0, 0, 5);
    }
  }
}

/** The address that the user wants, else a free one. */
function takeAddress(network: Network, pool: AddressPool, { IPAMConfig }: EndpointSettings): string {
  const wanted = versionOf(pool) === 4 ? IPAMConfig?.IPv4Address : IPAMConfig?.IPv6Address;
  if (!wanted || poolOf(network, wanted) !== pool) return pool.allocate();
  pool.claim(wanted);
  return wanted;
}

function makeInterface(
  parts: Parts,
  network: Network,
  namespace: Fd,
  { interfaceName: name, published }: EndpointWish,
  mac: string | undefined,
): void {
  const { record } = network;
  const { routes } = parts.host;
  if (record.driver === "bridge") {
    const bridge = realizeNetwork(parts, network);
    if (bridge === undefined) throw invalid(`network ${record.name} has no bridge`);
    const outside = `veth${randomId().slice(0, 7)}`;
    routes.createVeth({
      name: outside,
      bridge: bridge.index,
      mtu: network.mtu,
      peer: { name, namespace, mac: mac ?? randomMac() },
    });
    const apart = !network.flag("bridge.enable_icc", true) && !seesBridgedFrames(parts);
    const port = published || apart ? routes.link(outside) : undefined;
    if (port !== undefined && published) routes.setHairpin(port.index, true);
    if (port !== undefined && apart) routes.setIsolated(port.index, true);
    return;
  }
  const parent = routes.link(record.options["parent"] ?? "");
  if (parent === undefined) {
    throw unavailable(
      `network ${record.name}: its parent interface ${record.options["parent"] ?? "(none given)"} is not there`,
    );
  }
  if (record.driver === "macvlan") {
    routes.createMacvlan({
      name,
      parent: parent.index,
      mode: macvlanMode(record),
      namespace,
      ...mac !== undefined && { mac },
    });
  } else {
    routes.createIpvlan({ name, parent: parent.index, mode: ipvlanMode(record), namespace });
  }
}

/**
 * Whether the firewall is shown what containers of one bridge send each other (br_netfilter). Where it is not, their ports
 * are isolated, and links between them cannot be opened.
 */
function seesBridgedFrames({ host }: Parts): boolean {
  try {
    host.setSysctl("bridge/bridge-nf-call-iptables", "1");
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function connected(
  network: Network,
  taken: readonly { ip: string; pool: AddressPool }[],
  mac: string,
): EndpointSettings {
  const v4 = taken.find(({ pool }) => versionOf(pool) === 4);
  const v6 = taken.find(({ pool }) => versionOf(pool) === 6);
  const gateway = (pool: AddressPool | undefined) =>
    pool === undefined || network.record.internal ? "" : pool.gateway();
  return {
    NetworkID: network.id,
    EndpointID: randomId(),
    Gateway: gateway(v4?.pool),
    IPAddress: v4?.ip ?? "",
    IPPrefixLen: v4 === undefined ? 0 : prefixOf(v4.pool),
    IPv6Gateway: gateway(v6?.pool),
    GlobalIPv6Address: v6?.ip ?? "",
    GlobalIPv6PrefixLen: v6 === undefined ? 0 : prefixOf(v6.pool),
    MacAddress: mac,
  };
}

/** Takes the addresses of a container that an engine before this one has started. */
export function adoptEndpoint(network: Network, settings: EndpointSettings): Endpoint {
  const taken = addresses({ settings }).map((ip) => {
    const pool = poolOf(network, ip);
    pool.claim(ip);
    return { ip, pool };
  });
  return {
    network,
    settings,
    release() {
      for (const { ip, pool } of taken.splice(0)) pool.release(ip);
    },
  };
}
