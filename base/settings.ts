import { invalid } from "./errors.ts";
import { parseBool } from "./parse_bool.ts";

/** Where an engine keeps things and listens; two engines with different folders run side by side. */
export interface Settings {
  /** Images, containers, database; survives a reboot. */
  readonly root: string;
  /** Sockets, records of running containers; gone after a reboot. */
  readonly runDir: string;
  /** Path of the Unix socket. */
  readonly socket: string;
  /** Host ports that are given where none is asked for, `49000-49900` unless told. */
  readonly publishedPortRange?: string;
  /** Whether containers of the default bridge may talk to each other: yes, unless told. */
  readonly icc?: boolean;
  /** Registries that are reached without a certificate, or without encryption: `HOST[:PORT]`, or a range of addresses. */
  readonly insecureRegistries?: readonly string[];
  /** URLs that are asked before Docker Hub. */
  readonly registryMirrors?: readonly string[];
}

/** What the command line gave; each wins over its environment variable. */
export interface SettingFlags {
  readonly root?: string | undefined;
  readonly runDir?: string | undefined;
  readonly host?: string | undefined;
  readonly publishedPortRange?: string | undefined;
  readonly icc?: boolean | undefined;
  readonly insecureRegistries?: readonly string[];
  readonly registryMirrors?: readonly string[];
}

/**
 * The settings from flags (`--root`, `--run-dir`, `--host`, `--published-port-range`, `--icc`, `--insecure-registry`,
 * `--registry-mirror`), environment (`SAUROPOD_ROOT`, `SAUROPOD_RUN`, `SAUROPOD_HOST`, `SAUROPOD_PUBLISHED_PORT_RANGE`, `SAUROPOD_ICC`;
 * with commas between, `SAUROPOD_INSECURE_REGISTRY` and `SAUROPOD_REGISTRY_MIRROR`) and defaults. Paths are made absolute
 * against the current directory.
 * @throws `invalid` for a host that is not `unix://PATH`.
 */
export function resolveSettings(flags: SettingFlags, env: (name: string) => string | undefined): Settings {
  const root = absolute(flags.root ?? (env("SAUROPOD_ROOT") || DEFAULT_ROOT));
  const tag = rootTag(root);
  const runDir = absolute(flags.runDir ?? (env("SAUROPOD_RUN") || `/run/sauropod${tag && `-${tag}`}`));
  const host = flags.host ?? (env("SAUROPOD_HOST") || `unix://${runDir}/sauropod.sock`);
  if (!/^unix:\/\/.+/.test(host)) throw invalid(`invalid host ${JSON.stringify(host)}: expected unix://PATH`);
  const range = flags.publishedPortRange ?? env("SAUROPOD_PUBLISHED_PORT_RANGE");
  const insecure = listed(flags.insecureRegistries, env("SAUROPOD_INSECURE_REGISTRY"));
  const mirrors = listed(flags.registryMirrors, env("SAUROPOD_REGISTRY_MIRROR"));
  const iccText = env("SAUROPOD_ICC");
  const icc = flags.icc ?? (iccText ? parseBool(iccText) : undefined);
  return {
    root,
    runDir,
    socket: absolute(host.slice("unix://".length)),
    ...range && { publishedPortRange: range },
    ...icc !== undefined && { icc },
    ...insecure.length > 0 && { insecureRegistries: insecure },
    ...mirrors.length > 0 && { registryMirrors: mirrors },
  };
}

/**
 * What tells engines with different root folders apart where they share a place (/run, the firewall): eight hexadecimal
 * digits, the same at each start; empty for the default folder.
 */
export function rootTag(root: string): string {
  if (root === DEFAULT_ROOT) return "";
  let hash = 0x811c9dc5; // FNV-1a
  for (const byte of new TextEncoder().encode(root)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}

const DEFAULT_ROOT = "/var/lib/sauropod";

function listed(given: readonly string[] = [], variable = ""): readonly string[] {
  return given.length > 0 ? given : variable.split(",").map((one) => one.trim()).filter((one) => one !== "");
}

function absolute(path: string): string {
  const joined = path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
  return joined.length > 1 ? joined.replace(/\/+$/, "") : joined;
}
