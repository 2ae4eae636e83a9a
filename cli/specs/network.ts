/** `--network`, given once or several times, and the flags that say more about the first: `--ip`, `--network-alias` … */
import type { EndpointSettings } from "../../base/docker/network.ts";
import { invalid } from "../../base/errors.ts";
import type { ContainerFlags } from "../container_flags.ts";
import { checkMacAddress } from "./address.ts";
import { commaFields } from "./comma_fields.ts";

export interface Networks {
  readonly mode: string;
  /** What is wished of the networks; empty when nothing is. */
  readonly endpoints: Record<string, EndpointSettings>;
}

/** One `--network`. */
interface Attachment {
  readonly name: string;
  readonly settings: EndpointSettings;
}

/** Link-local addresses are Docker's on the wire and without effect here. */
type Addresses = NonNullable<EndpointSettings["IPAMConfig"]> & { LinkLocalIPs?: string[] };

/**
 * The first network is the container's mode; addresses and aliases of the flags are meant for it.
 * @throws `invalid` with docker's sentence for what cannot go together.
 */
export function parseNetworks(flags: ContainerFlags): Networks {
  const attachments = (flags.network.length === 0 ? ["default"] : flags.network).map(parseNetwork);
  const endpoints: Record<string, EndpointSettings> = {};
  for (const [index, { name, settings }] of attachments.entries()) {
    if (name === "") throw invalid("no name set for network");
    if (endpoints[name] !== undefined) throw invalid(`network ${JSON.stringify(name)} is specified multiple times`);
    const wished = index === 0 ? { ...settings, ...ofFlags(flags, name, settings) } : settings;
    if (wished.Aliases && !isUserDefined(name)) {
      throw invalid("network-scoped aliases are only supported for user-defined networks");
    }
    if (wished.MacAddress !== undefined) checkMacAddress(wished.MacAddress);
    endpoints[name] = wished;
  }
  const [mode = "default", ...others] = Object.keys(endpoints);
  if (others.some((other) => isUserDefined(other) !== isUserDefined(mode))) {
    throw invalid("conflicting options: cannot attach both user-defined and non-user-defined network-modes");
  }
  const alone = others.length === 0 && Object.keys(endpoints[mode] ?? {}).length === 0;
  return { mode, endpoints: alone ? {} : endpoints };
}

/** What the flags say of the first network; nothing may be said twice. */
function ofFlags(flags: ContainerFlags, name: string, { IPAMConfig, Aliases, MacAddress }: EndpointSettings) {
  const own: Addresses = IPAMConfig ?? {};
  const { ip, ip6, "link-local-ip": linkLocal, "mac-address": mac, "network-alias": aliases, link } = flags;
  const conflicts: readonly [given: boolean, told: boolean, flag: string, what: string][] = [
    [aliases.length > 0, Aliases !== undefined, "network-alias", "alias"],
    [ip !== "", own.IPv4Address !== undefined, "ip", "IPv4 address"],
    [ip6 !== "", own.IPv6Address !== undefined, "ip6", "IPv6 address"],
    [mac !== "", MacAddress !== undefined, "mac-address", "MAC address"],
    [linkLocal.length > 0, own.LinkLocalIPs !== undefined, "link-local-ip", "link-local IP addresses"],
  ];
  for (const [given, told, flag, what] of conflicts) {
    if (given && told) throw invalid(`conflicting options: cannot specify both --${flag} and per-network ${what}`);
  }
  const addresses: Addresses = {
    ...own,
    ...ip !== "" && { IPv4Address: ip },
    ...ip6 !== "" && { IPv6Address: ip6 },
    ...linkLocal.length > 0 && { LinkLocalIPs: [...linkLocal] },
  };
  return {
    ...Object.keys(addresses).length > 0 && { IPAMConfig: addresses },
    ...aliases.length > 0 && { Aliases: [...aliases] },
    // On the default bridge links are the container's own, on others the endpoint's.
    ...link.length > 0 && isUserDefined(name) && { Links: [...link] },
    ...mac !== "" && { MacAddress: mac },
  };
}

function isUserDefined(name: string): boolean {
  return !/^(default|bridge|host|none|container:.*)$/.test(name);
}

/** Throws `invalid` when the text is no value of `--network`. */
export function checkNetwork(text: string): void {
  parseNetwork(text);
}

/** A name, or `name=web,alias=a,ip=172.20.0.5,ip6=…,mac-address=…,driver-opt=key=value,link-local-ip=…`. */
function parseNetwork(text: string): Attachment {
  if (!/\w=\w/.test(text)) return { name: text, settings: {} };
  const settings: EndpointSettings = {};
  const addresses: Addresses = {};
  let name = "";
  for (const field of commaFields(text)) {
    const [, rawKey, rawValue = ""] = /^([^=]*)=(.*)$/s.exec(field) ?? [];
    if (rawKey === undefined) throw invalid(`invalid field ${field}`);
    const key = rawKey.trim().toLowerCase(), value = rawValue.trim();
    if (key === "name") name = value;
    else if (key === "alias") (settings.Aliases ??= []).push(value);
    else if (key === "ip") addresses.IPv4Address = value;
    else if (key === "ip6") addresses.IPv6Address = value;
    else if (key === "link-local-ip") (addresses.LinkLocalIPs ??= []).push(value);
    else if (key === "mac-address") settings.MacAddress = value;
    else if (key === "driver-opt") settings.DriverOpts = { ...settings.DriverOpts, ...parseDriverOption(value) };
    else throw invalid(`invalid field key ${key}`);
  }
  if (name === "") throw invalid("network name/id is not specified");
  if (Object.keys(addresses).length > 0) settings.IPAMConfig = addresses;
  return { name, settings };
}

function parseDriverOption(text: string): Record<string, string> {
  const [, key, value = ""] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined) throw invalid("invalid key value pair format in driver options");
  return { [key.trim()]: value.trim() };
}
