import type { EndpointSettings } from "../../base/docker/network.ts";
import type { NameView } from "../../net/dns/local_answer.ts";
import type { Container } from "../containers/container.ts";
import type { ContainerRecord } from "../container_record.ts";
import type { Parts } from "../parts.ts";
import { addresses, type Endpoint } from "./endpoint.ts";

/** What the names of the moment lead to. */
interface NameIndex {
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  readonly names: ReadonlyMap<string, string>;
}

/**
 * Whom a container can find by name: those that run in a network that it is in, too. The index is made anew at the first
 * question after a connect, disconnect, start, stop or rename, so that the answer follows each of them at once.
 */
export function nameView({ containers, networks }: Parts, asking: Container): NameView {
  let made: { index: NameIndex; of: number } | undefined;
  const now = () => {
    if (made?.of !== networks.changes) made = { index: nameIndex(containers, asking), of: networks.changes };
    return made.index;
  };
  return {
    lookup: (name) => now().addresses.get(name),
    reverse: (ip) => now().names.get(ip),
  };
}

function nameIndex(containers: Iterable<Container>, asking: Container): NameIndex {
  const found = new Map<string, string[]>();
  const names = new Map<string, string>();
  const mine = new Set(asking.network?.endpoints.map(({ network }) => network).filter((one) => one.resolvesNames));
  for (const container of containers) {
    for (const endpoint of container.network?.endpoints ?? []) {
      if (!mine.has(endpoint.network)) continue;
      for (const name of namesOf(container, endpoint)) {
        const known = found.get(name);
        if (known === undefined) found.set(name, addresses(endpoint));
        else known.push(...addresses(endpoint));
      }
      for (const ip of addresses(endpoint)) names.set(ip, `${container.record.name}.${endpoint.network.name}`);
    }
  }
  for (const [other, alias] of linkNames(asking)) {
    const linked = found.get(other);
    if (linked !== undefined) found.set(alias, [...linked]);
  }
  return { addresses: found, names };
}

/** Lower case, as questions are compared; bare, and with the network's name behind them. */
function namesOf({ record }: Container, { network, settings }: Endpoint): string[] {
  const own = namesInNetwork(record, settings).map((name) => name.toLowerCase());
  return [...new Set([...own, ...own.map((name) => `${name}.${network.name.toLowerCase()}`)])];
}

/** Name, aliases, beginning of the id, host name. */
export function namesInNetwork({ name, id, config }: ContainerRecord, { Aliases }: EndpointSettings): string[] {
  return [...new Set([name, ...Aliases ?? [], id.slice(0, 12), config.Hostname])];
}

/** Whom the asking container calls by a name of its own (`--link other:alias`): the other, and the alias. */
function linkNames({ network }: Container): [string, string][] {
  return (network?.endpoints ?? []).flatMap(({ settings }) => settings.Links ?? []).map((link) => {
    const [other = "", alias = other] = link.toLowerCase().split(":");
    return [other, alias];
  });
}
