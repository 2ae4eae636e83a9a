import { invalid } from "./errors.ts";

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
}

/** What the command line gave; each wins over its environment variable. */
export interface SettingFlags {
  readonly root?: string | undefined;
  readonly runDir?: string | undefined;
  readonly host?: string | undefined;
  readonly publishedPortRange?: string | undefined;
}

/**
 * The settings from flags (`--root`, `--run-dir`, `--host`, `--published-port-range`), environment (`SAUROPOD_ROOT`,
 * `SAUROPOD_RUN`, `SAUROPOD_HOST`, `SAUROPOD_PUBLISHED_PORT_RANGE`) and defaults. Paths are made absolute against the
 * current directory.
 * @throws `invalid` for a host that is not `unix://PATH`.
 */
export function resolveSettings(flags: SettingFlags, env: (name: string) => string | undefined): Settings {
  const root = absolute(flags.root ?? (env("SAUROPOD_ROOT") || "/var/lib/sauropod"));
  const runDir = absolute(flags.runDir ?? (env("SAUROPOD_RUN") || "/run/sauropod"));
  const host = flags.host ?? (env("SAUROPOD_HOST") || `unix://${runDir}/sauropod.sock`);
  if (!/^unix:\/\/.+/.test(host)) throw invalid(`invalid host ${JSON.stringify(host)}: expected unix://PATH`);
  const range = flags.publishedPortRange ?? env("SAUROPOD_PUBLISHED_PORT_RANGE");
  return { root, runDir, socket: absolute(host.slice("unix://".length)), ...range && { publishedPortRange: range } };
}

function absolute(path: string): string {
  const joined = path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
  return joined.length > 1 ? joined.replace(/\/+$/, "") : joined;
}
