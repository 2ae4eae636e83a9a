/** What somebody wants to be published; checked before anything is held. */
import { invalid } from "../../base/errors.ts";
import { formatAddress, parseAddress } from "../ipam/address.ts";
import type { Protocol } from "./published_port.ts";

export interface PortWish {
  readonly protocol: Protocol;
  readonly containerPort: number;
  /** Empty: every address, of IPv4 and of IPv6. */
  readonly hostIp: string;
  /** `8080`; `8000-8010` for the next free one of them; empty or `0` for the next free one of the allocator's own. */
  readonly hostPort: string;
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/**
 * A port, or a range of them.
 * @throws `invalid` with the sentence of Docker's daemon
 */
export function parsePortRange(text: string): PortRange {
  const [, first = "", last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const range = { first: Number(first), last: Number(last) };
  if (range.first < 1 || range.last > 65535 || range.last < range.first) {
    throw invalid(`invalid port specification: ${JSON.stringify(text)}`);
  }
  return range;
}

/** A wish, understood. */
export interface ParsedWish {
  readonly protocol: Protocol;
  readonly containerPort: number;
  /** One for each family that is asked for. */
  readonly hostIps: readonly string[];
  readonly range: PortRange;
  /** How much is left open: a wish for one port comes before one that can do with another. */
  readonly choice: number;
}

/** @throws `invalid` */
export function parseWish(wish: PortWish, ownRange: PortRange, ipv6: boolean): ParsedWish {
  const { protocol, containerPort, hostIp, hostPort } = wish;
  if (!["tcp", "udp", "sctp"].includes(protocol)) throw invalid(`invalid proto: ${protocol}`);
  if (!Number.isInteger(containerPort) || containerPort < 1 || containerPort > 65535) {
    throw invalid(`invalid port specification: "${containerPort}/${protocol}"`);
  }
  const any = hostPort === "" || hostPort === "0";
  const range = any ? ownRange : parsePortRange(hostPort);
  const choice = any ? 65536 : range.last - range.first;
  return { protocol, containerPort, hostIps: hostIps(hostIp, ipv6), range, choice };
}

function hostIps(text: string, ipv6: boolean): string[] {
  if (text === "") return ipv6 ? ["0.0.0.0", "::"] : ["0.0.0.0"];
  const address = parseAddress(text);
  if (address === undefined) throw invalid(`invalid IP address: ${text}`);
  return [formatAddress(address)];
}
