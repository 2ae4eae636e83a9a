import type { MountPoint } from "../../base/docker/container.ts";
import type { HostConfig, MountRequest } from "../../base/docker/host_config.ts";
import { invalid, unimplemented } from "../../base/errors.ts";
import { parseBinarySize } from "../../base/units.ts";
import type { MountSpec } from "../../runtime/container_spec.ts";
import { MS } from "../../sys/mount_flags.ts";

/** A mount of the user, checked: what `inspect` shows, and what the tape does. */
export interface UserMount {
  readonly point: MountPoint;
  readonly spec: MountSpec;
}

/**
 * Reads `Binds` and `Mounts` of type bind and tmpfs, and `Tmpfs`. Named and anonymous volumes come with the storage part.
 * @throws `invalid` with Docker's sentences; `unimplemented` for volumes.
 */
export function userMounts(config: Pick<HostConfig, "Binds" | "Mounts" | "Tmpfs">): UserMount[] {
  const mounts = [
    ...(config.Binds ?? []).map(parseBind),
    ...(config.Mounts ?? []).map(parseMount),
    ...Object.entries(config.Tmpfs ?? {}).map(([target, options]) => tmpfs(target, options)),
  ];
  const seen = new Set<string>();
  for (const { point: { Destination } } of mounts) {
    if (seen.has(Destination)) throw invalid(`Duplicate mount point: ${Destination}`);
    seen.add(Destination);
  }
  // A mount below another must come after it, or it would be hidden.
  return mounts.sort((a, b) => a.spec.target.split("/").length - b.spec.target.split("/").length);
}

/** `/host:/container[:ro,rslave,…]`. */
function parseBind(text: string): UserMount {
  const [source = "", target, options = "", ...rest] = text.split(":");
  if (target === undefined || rest.length > 0) throw invalid(`invalid volume specification: '${text}'`);
  if (!source.startsWith("/")) {
    throw unimplemented(`volumes are not served yet: '${text}' (a bind mount's source is absolute)`);
  }
  const modes = options.split(",").filter((mode) => mode !== "");
  const propagation = modes.find((mode) => /^r?(private|shared|slave)$/.test(mode));
  const unknown = modes.find((mode) => !/^(ro|rw|z|Z|nocopy|r?(private|shared|slave))$/.test(mode));
  if (unknown !== undefined) throw invalid(`invalid mode: ${options}`);
  makeMissingSource(source);
  return bind({ source, target, readonly: modes.includes("ro"), recursive: true, propagation, mode: options });
}

function parseMount(mount: MountRequest): UserMount {
  if (mount.Type === "tmpfs") {
    const { SizeBytes, Mode } = mount.TmpfsOptions ?? {};
    const data = [SizeBytes && `size=${SizeBytes}`, Mode !== undefined && `mode=${Mode.toString(8)}`].filter(Boolean);
    return tmpfs(mount.Target, [mount.ReadOnly ? "ro" : "rw", ...data].join(","));
  }
  if (mount.Type !== "bind") throw unimplemented(`mounts of type ${mount.Type} are not served yet: ${mount.Target}`);
  const source = mount.Source ?? "";
  if (!source.startsWith("/")) {
    throw invalid(`invalid mount config for type "bind": invalid mount path: '${source}' mount path must be absolute`);
  }
  if (mount.BindOptions?.CreateMountpoint) makeMissingSource(source);
  return bind({
    source,
    target: mount.Target,
    readonly: mount.ReadOnly ?? false,
    recursive: !mount.BindOptions?.NonRecursive,
    propagation: mount.BindOptions?.Propagation || undefined,
    mode: "",
  });
}

interface Bind {
  readonly source: string;
  readonly target: string;
  readonly readonly: boolean;
  readonly recursive: boolean;
  readonly propagation: string | undefined;
  readonly mode: string;
}

type Propagation = Extract<MountSpec, { kind: "bind" }>["propagation"];

function bind({ source, readonly, recursive, propagation, mode, ...given }: Bind): UserMount {
  const target = checkTarget(given.target);
  let directory: boolean;
  try {
    directory = Deno.statSync(source).isDirectory;
  } catch (cause) {
    throw invalid(`invalid mount config for type "bind": bind source path does not exist: ${source}`, { cause });
  }
  return {
    point: {
      Type: "bind",
      Source: source,
      Destination: target,
      Mode: mode,
      RW: !readonly,
      Propagation: propagation ?? "rprivate",
    },
    spec: {
      kind: "bind",
      source,
      target,
      directory,
      readonly,
      recursive,
      ...propagation !== undefined && { propagation: propagation as NonNullable<Propagation> },
    },
  };
}

/** What Docker does for `-v`: a source that is not there becomes an empty folder. */
function makeMissingSource(source: string): void {
  try {
    Deno.statSync(source);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    Deno.mkdirSync(source, { recursive: true, mode: 0o755 });
  }
}

const TMPFS_FLAGS: Readonly<Record<string, { set?: number; clear?: number }>> = {
  defaults: {},
  ro: { set: MS.RDONLY },
  rw: { clear: MS.RDONLY },
  nosuid: { set: MS.NOSUID },
  suid: { clear: MS.NOSUID },
  nodev: { set: MS.NODEV },
  dev: { clear: MS.NODEV },
  noexec: { set: MS.NOEXEC },
  exec: { clear: MS.NOEXEC },
  noatime: { set: MS.NOATIME },
  nodiratime: { set: MS.NODIRATIME },
  relatime: { set: MS.RELATIME },
  strictatime: { set: MS.STRICTATIME },
  sync: { set: MS.SYNCHRONOUS },
};

/** `--tmpfs /run:rw,size=64m,mode=1777`; noexec, nosuid and nodev unless told otherwise, as in Docker. */
function tmpfs(path: string, options: string): UserMount {
  const target = checkTarget(path);
  let flags: number = MS.NOSUID | MS.NODEV | MS.NOEXEC;
  const data: string[] = [];
  for (const option of options.split(",").filter((option) => option !== "")) {
    const flag = TMPFS_FLAGS[option];
    const [, name, value = ""] = /^(size|mode|uid|gid|nr_inodes|nr_blocks|mpol)=(.+)$/.exec(option) ?? [];
    if (flag !== undefined) flags = (flags | (flag.set ?? 0)) & ~(flag.clear ?? 0);
    else if (name === "size") data.push(`size=${/%$/.test(value) ? value : parseBinarySize(value)}`);
    else if (name !== undefined) data.push(`${name}=${value}`);
    else throw invalid(`invalid tmpfs option [${JSON.stringify(option)}]`);
  }
  return {
    point: { Type: "tmpfs", Source: "", Destination: target, Mode: "", RW: (flags & MS.RDONLY) === 0, Propagation: "" },
    spec: { kind: "tmpfs", target, flags, data: data.join(",") },
  };
}

/** An absolute path of the container that is not `/`, nor /proc or below it (CVE-2019-16884, CVE-2023-27561). */
function checkTarget(path: string): string {
  if (!path.startsWith("/")) throw invalid(`invalid mount path: '${path}' mount path must be absolute`);
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw invalid(`invalid mount path: '${path}' must not have '..' in it`);
  if (parts.length === 0) throw invalid(`invalid specification: destination can't be '/'`);
  if (parts[0] === "proc") throw invalid(`invalid mount path: '${path}': nothing can be mounted in /proc`);
  return `/${parts.join("/")}`;
}
