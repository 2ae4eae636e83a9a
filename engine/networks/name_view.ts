import type { EndpointSettings } from "../../base/docker/network.ts";
import type { NameView } from "../../net/dns/local_answer.ts";
import type { Container } from "../containers/container.ts";
import type { ContainerRecord } from "../container_record.ts";
import type { Parts } from "../parts.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * Whom a container can find by name: those that run in a network that it is in, too. Looked up in the records at each
 * question, so that the answer follows every connect, disconnect, stop and rename at once.
 */
export function nameView({ containers }: Parts, asking: Container): NameView {
  function* neighbours(): Generator<{ container: Container; endpoint: Endpoint }> {
    const mine = asking.network?.endpoints.filter(({ network }) => network.resolvesNames) ?? [];
    for (const container of containers) {
      for (const endpoint of container.network?.endpoints ?? []) {
        if (mine.some(({ network }) => network === endpoint.network)) yield { container, endpoint };
      }
    }
  }
  return {
    lookup(name) {
      const links = linkNames(asking, name);
      const found: string[] = [];
      for (const { container, endpoint } of neighbours()) {
        const known = names(container, endpoint);
        if (known.includes(name) || links.some((link) => known.includes(link))) found.push(...addresses(endpoint));
      }
      return found.length > 0 ? found : undefined;
    },
    reverse(ip) {
      for (const { container, endpoint } of neighbours()) {
        if (addresses(endpoint).includes(ip)) return `${container.record.name}.${endpoint.network.name}`;
      }
      return undefined;
    },
  };
}

/** Lower case, as questions are compared; bare, and with the network's name behind them. */
function names({ record }: Container, { network, settings }: Endpoint): string[] {
  const own = namesInNetwork(record, settings).map((name) => name.toLowerCase());
  return [...own, ...own.map((name) => `${name}.${network.name.toLowerCase()}`)];
}

/** Name, aliases, beginning of the id, host name. */
export function namesInNetwork({ name, id, config }: ContainerRecord, { Aliases }: EndpointSettings): string[] {
  return [...new Set([name, ...Aliases ?? [], id.slice(0, 12), config.Hostname])];
}

/** What the asking container calls by an alias of its own (`--link other:alias`). */
function linkNames({ network }: Container, name: string): string[] {
  return (network?.endpoints ?? []).flatMap(({ settings }) => settings.Links ?? [])
    .map((link) => link.split(":"))
    .filter(([other = "", alias = other]) => alias.toLowerCase() === name)
    .map(([other = ""]) => other.toLowerCase());
}

function addresses({ settings }: Endpoint): string[] {
  return [settings.IPAddress, settings.GlobalIPv6Address].filter((ip): ip is string => Boolean(ip));
}
