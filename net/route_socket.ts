import { internal } from "../base/errors.ts";
import { addAddress, type Address, decodeAddress, listAddresses, removeAddress } from "./netlink/address.ts";
import { NetlinkExchange, type RequestObserver } from "./netlink/exchange.ts";
import * as link from "./netlink/link.ts";
import type { Link } from "./netlink/link.ts";
import type { Request } from "./netlink/message.ts";
import * as newLink from "./netlink/new_link.ts";
import type { NewBridge, NewIpvlan, NewMacvlan, NewVeth } from "./netlink/new_link.ts";
import { addRoute, decodeRoute, listRoutes, type NewRoute, removeRoute, type Route } from "./netlink/route.ts";

export type { Address, Link, NewIpvlan, NewMacvlan, NewRoute, NewVeth, Route };

/** What one link is to have, for {@link RouteSocket.configure}. */
export interface LinkSettings {
  /** `172.17.0.2/16`. */
  readonly addresses?: readonly string[];
  /** Addresses of IPv6 are good at once. */
  readonly noDad?: boolean;
  /** Through this link. */
  readonly routes?: readonly Omit<NewRoute, "index">[];
}

/**
 * Links, addresses and routes of one network namespace: the one that the thread is in at `open()`. All calls are
 * synchronous, since the kernel answers within the call that asks; a link, made by one, takes about half a millisecond.
 * What a call changes is in force when it returns.
 *
 * A refusal is thrown as a `NetlinkError` (a `SyscallError`): `create veth vethab12 on bridge 5: EEXIST, file exists`.
 */
export class RouteSocket implements Disposable {
  readonly #exchange: NetlinkExchange;

  private constructor(exchange: NetlinkExchange) {
    this.#exchange = exchange;
  }

  /** `observe` is called with each request before it is sent; `netlink/explain.ts` tells what it says. */
  static open(observe?: RequestObserver): RouteSocket {
    return new RouteSocket(NetlinkExchange.open("ROUTE", observe));
  }

  links(): Link[] {
    return this.#exchange.list(link.listLinks(), link.decodeLink);
  }

  link(name: string): Link | undefined {
    // ERANGE: no link can have a name that long.
    return this.#exchange.do([link.findLink(name)], link.decodeLink, "ENODEV", "ERANGE")[0];
  }

  /** It is down, and without an address. @throws EEXIST */
  createBridge(name: string, options: Omit<NewBridge, "name"> = {}): Link {
    const made = this.#exchange.do([newLink.createBridge({ name, ...options }), link.findLink(name)], link.decodeLink);
    if (made[0] === undefined) throw internal(`the kernel made bridge ${name}, and does not know it`);
    return made[0];
  }

  /**
   * A cable from a bridge to another namespace. The outer end is a port of the bridge, and up; the inner end is to be
   * set up in there. @throws EEXIST when either name is taken
   */
  createVeth(veth: NewVeth): void {
    this.#act(newLink.createVeth(veth));
  }

  /** Another station on the parent's cable, born in the namespace. @throws EBUSY when the parent is a bridge's port */
  createMacvlan(macvlan: NewMacvlan): void {
    this.#act(newLink.createMacvlan(macvlan));
  }

  /** The same behind the parent's MAC address. @throws EOPNOTSUPP when the kernel is built without */
  createIpvlan(ipvlan: NewIpvlan): void {
    this.#act(newLink.createIpvlan(ipvlan));
  }

  setUp(index: number): void {
    this.#act(link.raiseLink(index));
  }

  /** Whether the bridge keeps this port apart from its other isolated ports. */
  setIsolated(index: number, isolated: boolean): void {
    this.#act(link.isolatePort(index, isolated));
  }

  /** Whether the bridge sends frames back by the port that they came from (hairpin mode). */
  setHairpin(index: number, on: boolean): void {
    this.#act(link.reflectPort(index, on));
  }

  /** With a veth goes its other end. The kernel waits some 30 ms for whoever still looks at it: off the paths of commands. */
  deleteLink(index: number): void {
    this.#act(link.deleteLink(index));
  }

  /** All of them at the price of one. Those that have gone already are none of its errors. */
  deleteLinks(indexes: readonly number[]): void {
    if (indexes.length === 0) return;
    const [group = 0] = crypto.getRandomValues(new Uint32Array(1));
    const unusual = (group & 0x3fff_ffff) | 0x4000_0000;
    this.#exchange.do(link.deleteTogether(indexes, unusual), () => undefined, "ENODEV");
  }

  /** The same without anybody waiting, but for the promise. The socket is used up by it. */
  async deleteLinkAside(index: number): Promise<void> {
    using exchange = this.#exchange;
    await exchange.doAside([link.deleteLink(index)]);
  }

  addresses(): Address[] {
    return this.#exchange.list(listAddresses(), decodeAddress);
  }

  /** `cidr` is `172.17.0.1/16`. @throws EEXIST */
  addAddress(index: number, cidr: string, options?: { noDad?: boolean }): void {
    this.#act(addAddress(index, cidr, options));
  }

  /** @throws EADDRNOTAVAIL */
  removeAddress(index: number, cidr: string): void {
    this.#act(removeAddress(index, cidr));
  }

  /** Those of all tables that lead somewhere else, or nowhere; not those to the host itself. */
  routes(): Route[] {
    return this.#exchange.list(listRoutes(), decodeRoute);
  }

  /** To the main table. @throws EEXIST; ENETUNREACH when the gateway is on none of the links */
  addRoute(route: NewRoute): void {
    this.#act(addRoute(route));
  }

  /** @throws ESRCH */
  removeRoute(route: NewRoute): void {
    this.#act(removeRoute(route));
  }

  /**
   * Addresses, up, routes: all in one message to the kernel, for the start of a container. What follows a refusal is
   * tried all the same, and the first refusal thrown.
   */
  configure(index: number, { addresses = [], routes = [], noDad = false }: LinkSettings): void {
    this.#act(
      ...addresses.map((cidr) => addAddress(index, cidr, { noDad })),
      link.raiseLink(index),
      ...routes.map((route) => addRoute({ ...route, index })),
    );
  }

  #act(...requests: Request[]): void {
    this.#exchange.do(requests, () => undefined);
  }

  [Symbol.dispose](): void {
    this.#exchange[Symbol.dispose]();
  }
}
