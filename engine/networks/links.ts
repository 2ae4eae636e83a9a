/**
 * Docker's legacy links (`--link db:dblink`) on the default bridge: the alias stands in the recipient's /etc/hosts, what is
 * known of the other in its environment, and where containers of a bridge may not talk (icc=false) its exposed ports open.
 */
import type { HostConfig } from "../../base/docker/host_config.ts";
import { conflict, invalid } from "../../base/errors.ts";
import type { FirewallLink } from "../../net/firewall/firewall_data.ts";
import type { Container } from "../containers/container.ts";
import type { ContainerRecord } from "../container_record.ts";
import type { Parts } from "../parts.ts";
import type { Endpoint } from "./endpoint.ts";

/** One link, as the recipient sees it. */
interface Link {
  readonly other: Container;
  readonly alias: string;
}

/**
 * What the record keeps of the links that are asked for: `ID:alias`, for a name may be another's tomorrow.
 * @throws `invalid`, or `not_found` for a container that is not there
 */
export function checkedLinks(
  { containers }: Pick<Parts, "containers">,
  { Links, NetworkMode }: Pick<HostConfig, "Links" | "NetworkMode">,
): string[] | null {
  if (!isOfDefaultBridge(NetworkMode) || Links === null) return Links;
  return Links.map((link) => {
    const [name = "", alias = name, more] = link.replace(/^\//, "").split(":");
    if (name === "" || alias === "" || more !== undefined) throw invalid(`bad format for links: ${link}`);
    return `${containers.get(name).id}:${alias.split("/").at(-1)}`;
  });
}

/** Those whose other end has not been removed. */
function linksOf(
  { containers }: Pick<Parts, "containers">,
  { hostConfig }: Pick<ContainerRecord, "hostConfig">,
): Link[] {
  if (!isOfDefaultBridge(hostConfig.NetworkMode)) return [];
  return (hostConfig.Links ?? []).flatMap((link) => {
    const [id = "", alias = id] = link.split(":");
    const other = containers.find(id);
    return other === undefined ? [] : [{ other, alias }];
  });
}

function isOfDefaultBridge(mode: string): boolean {
  return ["default", "bridge"].includes(mode);
}

/** @throws `conflict` when one of them does not run: its address is not known then */
function linkAddress({ other, alias }: Link, recipient: ContainerRecord): string {
  const place = other.record.networkSettings.Networks["bridge"];
  if (place === undefined) {
    throw conflict(`Cannot link to /${other.record.name}, as it does not belong to the default network`);
  }
  const ip = place.IPAddress;
  if (other.running === undefined || !ip) {
    throw conflict(
      `Cannot link to a non running container: /${other.record.name} AS /${recipient.name}/${alias}`,
    );
  }
  return ip;
}

/** The other may have ended meanwhile. */
function isThere({ other }: Link): boolean {
  return Boolean(other.running && other.record.networkSettings.Networks["bridge"]?.IPAddress);
}

/** Whoever runs and is linked to a container: told of its new address. */
export function recipientsOf(parts: Pick<Parts, "containers">, container: Container): Container[] {
  return [...parts.containers].filter(({ network, record }) =>
    network !== undefined && record.hostConfig.Links?.length &&
    linksOf(parts, record).some(({ other }) => other === container)
  );
}

/** Lines of /etc/hosts. */
export function linkHosts(parts: Pick<Parts, "containers">, record: ContainerRecord): string[] {
  return linksOf(parts, record).filter(isThere).map((link) => {
    const names = [...new Set([link.alias, link.other.record.config.Hostname, link.other.record.name])];
    return `${linkAddress(link, record)}\t${names.join(" ")}`;
  });
}

/** Docker's variables: `DBLINK_NAME`, `DBLINK_PORT_5432_TCP_ADDR`, `DBLINK_ENV_…`. */
export function linkEnvironment(parts: Pick<Parts, "containers">, record: ContainerRecord): string[] {
  return linksOf(parts, record).flatMap((link) => {
    const prefix = link.alias.replaceAll("-", "_").toUpperCase();
    const { config } = link.other.record;
    const ip = linkAddress(link, record);
    const ports = exposed(link.other.record);
    const [first] = ports;
    return [
      ...first === undefined ? [] : [`${prefix}_PORT=${first.protocol}://${ip}:${first.port}`],
      ...ports.flatMap(({ port, protocol }) => {
        const name = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
        return [
          `${name}=${protocol}://${ip}:${port}`,
          `${name}_ADDR=${ip}`,
          `${name}_PORT=${port}`,
          `${name}_PROTO=${protocol}`,
        ];
      }),
      `${prefix}_NAME=/${record.name}/${link.alias}`,
      ...config.Env.filter((variable) => !/^(PATH|HOME)=/.test(variable)).map((variable) =>
        `${prefix}_ENV_${variable}`
      ),
    ];
  });
}

/** Whom the firewall lets through on a bridge whose containers may not talk. */
export function linkRules(parts: Parts, { record }: Container, endpoints: readonly Endpoint[]): FirewallLink[] {
  const mine = endpoints.find(({ network }) => network.name === "bridge");
  if (mine === undefined || mine.network.flag("bridge.enable_icc", true)) return [];
  return linksOf(parts, record).filter(isThere).flatMap((link) =>
    exposed(link.other.record).map(({ port, protocol }) => ({
      bridge: mine.network.record.bridge,
      from: mine.settings.IPAddress ?? "",
      to: linkAddress(link, record),
      port,
      protocol,
    }))
  );
}

/** In the order of their numbers. */
function exposed({ config }: ContainerRecord): { port: number; protocol: "tcp" | "udp" | "sctp" }[] {
  return Object.keys(config.ExposedPorts ?? {}).map((text) => {
    const [port = "", protocol = "tcp"] = text.split("/");
    return { port: Number(port), protocol: protocol as "tcp" | "udp" | "sctp" };
  }).sort((a, b) => a.port - b.port);
}
