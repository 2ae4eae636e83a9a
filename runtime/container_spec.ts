/**
 * What a container is, as plain data: engine/ writes it, start/container_tape.ts turns it into system calls. Everything
 * is checked and resolved before: ids are numbers, limits are the kernel's, sources are absolute paths of the host,
 * targets are absolute paths of the container.
 */
import type { Bytes } from "../base/container_engine.ts";
import type { Fd } from "../sys/fd.ts";
import type { CapabilitySets } from "./capabilities.ts";
import type { Rlimit } from "./rlimits.ts";
import type { ResolvedUser } from "./users.ts";

/** The ways into the control groups, opened by the engine. */
export interface CgroupEntry {
  /** v1: `tasks` of each hierarchy: the process writes itself in. */
  readonly tasks: readonly Fd[];
  /** v2: the group's folder: the process is cloned into it. */
  readonly group?: Fd;
}

/** The files of a container. */
export interface FilesSpec {
  readonly root: RootSpec;
  /** Beyond the standard ones (/proc, /dev, /dev/pts, /dev/shm, /dev/mqueue, /sys), in order. */
  readonly mounts: readonly MountSpec[];
}

export interface ContainerSpec extends FilesSpec {
  readonly id: string;
  readonly namespaces: NamespaceSpecs;
  /** Set where the UTS namespace is the container's own. */
  readonly hostname: string;
  readonly domainname: string;
  readonly cgroup: CgroupEntry;
  /** What is mounted at /sys/fs/cgroup; empty: nothing. In order; made by cgroup/. */
  readonly cgroupMounts: readonly CgroupMount[];
  /** Beyond the standard ones (null, zero, full, random, urandom, tty); bound from the host's nodes. */
  readonly devices: readonly DeviceSpec[];
  /** All devices of the host, /sys and /proc writable. */
  readonly privileged: boolean;
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
  /** What lies at /dev/shm; absent: nothing does. */
  readonly shm?: ShmSpec;
  /** Paths below /proc/sys, slashes: `net/ipv4/ip_forward`. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** A process of ours as PID 1 that passes signals on and reaps. */
  readonly init: boolean;
  readonly process: ProcessSpec;
}

/** The union root: mounted with `layersFolder` as working directory, so that names are short. */
export interface RootSpec {
  /** Absolute path of the host. */
  readonly layersFolder: string;
  /** Topmost first; names in `layersFolder`. */
  readonly lowers: readonly string[];
  /**
   * The built-in image `host`: below `lowers`, which may be none then, comes the host's own root (made a file system of
   * its own by a first overlay, so that it may be a lower layer of one whose upper lies within it).
   */
  readonly host?: boolean;
  /** Folders, relative to `layersFolder` (`../containers/ID/upper`); `merged` is an empty one to mount on. */
  readonly upper: string;
  readonly work: string;
  readonly merged: string;
  readonly readonly: boolean;
}

/** Own, the host's, or the one behind a descriptor (`/proc/PID/ns/net`, or one that net/ prepared). */
export type NamespaceSpec = "new" | "host" | Fd;

export interface NamespaceSpecs {
  readonly pid: NamespaceSpec;
  readonly net: NamespaceSpec;
  readonly ipc: NamespaceSpec;
  readonly uts: NamespaceSpec;
  readonly cgroup: NamespaceSpec;
}

/**
 * A tmpfs of its own of `size` bytes; a folder of the host to bind; or the /dev/shm of another container, whose mount
 * namespace (`/proc/PID/ns/mnt`) the descriptor is.
 */
export type ShmSpec = { readonly size: number } | { readonly bind: string } | { readonly of: Fd };

export interface CgroupMount {
  readonly type: "tmpfs" | "cgroup" | "cgroup2" | "symlink";
  /** `cgroup`, or for a symlink what it says. */
  readonly source: string;
  /** Below /sys/fs/cgroup; empty for that itself. */
  readonly target: string;
  /** `memory`, `cpu,cpuacct`. */
  readonly data: string;
}

export type MountSpec =
  | {
    readonly kind: "bind";
    readonly source: string;
    readonly target: string;
    /** Whether the source is a directory; the target is made accordingly where it is missing. */
    readonly directory: boolean;
    readonly readonly: boolean;
    /** What is mounted below a read-only source stays as writable as it is. */
    readonly writableBelow?: boolean;
    readonly recursive: boolean;
    /** A copy of its mount, where the path could be led elsewhere meanwhile: `source` only tells of it then. */
    readonly tree?: Fd;
    readonly propagation?: "private" | "rprivate" | "slave" | "rslave" | "shared" | "rshared";
  }
  | {
    readonly kind: "tmpfs";
    readonly target: string;
    /** MS_ flags. */
    readonly flags: number;
    /** `size=64m,mode=1777`. */
    readonly data: string;
  }
  | {
    /** The files of an image, read-only. */
    readonly kind: "image";
    /** Topmost first; names in the layers' folder. */
    readonly layers: readonly string[];
    readonly target: string;
    /** What in the image is mounted; absent: its root. Links in it lead nowhere but into the image. */
    readonly subpath?: string;
    /** Whether that is a directory. */
    readonly directory: boolean;
  };

export interface DeviceSpec {
  readonly source: string;
  readonly target: string;
}

/** The first process of a container, or a further one (exec). */
export interface ProcessSpec {
  readonly args: readonly string[];
  /** `NAME=value`; the PATH in here is where a command without slash is looked for. */
  readonly env: readonly string[];
  /** Made if missing (first process only). */
  readonly cwd: string;
  readonly user: Pick<ResolvedUser, "uid" | "gid" | "groups">;
  readonly terminal: boolean;
  readonly capabilities: CapabilitySets;
  readonly noNewPrivileges: boolean;
  /** A classic BPF program; absent: unconfined. */
  readonly seccomp?: Bytes;
  readonly rlimits: readonly Rlimit[];
  readonly oomScoreAdj?: number;
}

/** A further process in a running container. */
export interface ExecSpec {
  /** pidfd of the container's PID 1: all its namespaces are joined. */
  readonly target: Fd;
  readonly cgroup: CgroupEntry;
  readonly process: ProcessSpec;
}

/**
 * The streams of a process, both ends. The engine keeps using `engine`, the keeper holds the same open files so that a
 * next engine finds them; `process` becomes 0, 1 and 2. With a terminal `engine.stdin` is the pty's master and
 * `process` is the slave three times.
 */
export interface Stdio {
  readonly terminal: boolean;
  readonly engine: { readonly stdin?: Fd; readonly stdout?: Fd; readonly stderr?: Fd };
  readonly process: { readonly stdin: Fd; readonly stdout: Fd; readonly stderr: Fd };
  /** With a terminal of a new container: the detached devpts mount that the pty is of, to be put at /dev/pts. */
  readonly devpts?: Fd;
}
