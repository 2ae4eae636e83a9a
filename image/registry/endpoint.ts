/** Where a registry answers. */
import ipaddr from "ipaddr.js";
import { invalid } from "../../base/errors.ts";

/** How registries are reached, beyond what their names say. */
export interface RegistrySettings {
  /** `HOST[:PORT]`, or a range of addresses: https there is not verified, and http is tried after it. */
  readonly insecure: readonly string[];
  /** Asked before Docker Hub: `https://mirror.example`. */
  readonly mirrors: readonly string[];
  /** Folders with `HOST[:PORT]/*.crt`, as docker has them. */
  readonly certificates: readonly string[];
  /** Milliseconds before the first repetition of what failed; doubled each time. */
  readonly retryDelay: number;
}

/** What a registry is called, and what may be tried there. */
export interface Endpoint {
  /** `registry-1.docker.io`, `localhost:5000`. */
  readonly host: string;
  /** The last part of a path that a mirror stands under; mostly empty. */
  readonly prefix: string;
  readonly schemes: readonly ("https" | "http")[];
  /** Whose certificate is not looked at. */
  readonly unverified: boolean;
  /** Credentials of the registry are not for it. */
  readonly mirror: boolean;
}

const HUB = "docker.io";
const HUB_HOST = "registry-1.docker.io";

/** Where a registry is asked, in this order: the mirrors of Docker Hub first. */
export function endpointsOf(domain: string, { insecure, mirrors }: RegistrySettings): Endpoint[] {
  const unverified = isInsecure(domain, insecure);
  const registry: Endpoint = {
    host: domain === HUB ? HUB_HOST : domain,
    prefix: "",
    schemes: unverified ? ["https", "http"] : ["https"],
    unverified,
    mirror: false,
  };
  return domain === HUB ? [...mirrors.map((mirror) => mirrorOf(mirror, insecure)), registry] : [registry];
}

function mirrorOf(text: string, insecure: readonly string[]): Endpoint {
  const url = parseMirror(text);
  return {
    host: url.host,
    prefix: url.pathname.replace(/\/+$/, ""),
    schemes: [url.protocol === "http:" ? "http" : "https"],
    unverified: isInsecure(url.host, insecure),
    mirror: true,
  };
}

/** @throws invalid for what is no URL of a mirror (Docker's rules: no query, no fragment, no user) */
export function parseMirror(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw invalid(`invalid mirror: ${JSON.stringify(text)} is not a valid URI`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw invalid(`invalid mirror: unsupported scheme ${JSON.stringify(url.protocol)} in ${JSON.stringify(url.host)}`);
  }
  if (url.username !== "" || url.password !== "") throw invalid("invalid mirror: username/password not allowed in URI");
  if (url.search !== "" || url.hash !== "") {
    throw invalid("invalid mirror: query or fragment at the end of the URI");
  }
  return url;
}

/** Whether a registry may be reached without a certificate that holds: by the setting, or since it is this machine. */
export function isInsecure(host: string, insecure: readonly string[]): boolean {
  if (insecure.includes(host)) return true;
  const name = hostName(host);
  if (isLoopback(name) || insecure.includes(name)) return true;
  if (!ipaddr.isValid(name)) return false;
  const address = ipaddr.process(name);
  return insecure.some((range) => {
    if (!ipaddr.isValidCIDR(range)) return false;
    const [network, bits] = ipaddr.parseCIDR(range);
    return network.kind() === address.kind() && address.match(network, bits);
  });
}

/** `localhost`, 127.0.0.0/8 and ::1, which no proxy is asked for either. */
export function isLoopback(name: string): boolean {
  return name === "localhost" || (ipaddr.isValid(name) && ipaddr.process(name).range() === "loopback");
}

/** Without port and brackets. */
export function hostName(host: string): string {
  return host.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
