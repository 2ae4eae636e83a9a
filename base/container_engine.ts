/**
 * A container engine, in this process (`Engine`) or behind a socket (`connect()`): the same interface.
 *
 * A container is created from an image and a configuration, started, and ends by itself or is stopped; it stays, with
 * its log and its file system, until it is removed. Whoever wants its output attaches (before the start, to miss
 * nothing) or reads its log; whoever wants its end waits. Ids may be shortened and names used wherever `id` stands.
 *
 * Every method throws an `EngineError` whose class says what kind of failure it is; its message is Docker's sentence
 * where Docker has one.
 */
import type {
  ArchivePutOptions,
  AttachOptions,
  CheckOptions,
  CommitOptions,
  ContainerCreateOptions,
  ContainerListOptions,
  ContainerRemoveOptions,
  EventsOptions,
  ExecStartOptions,
  ExplainOptions,
  Filters,
  ImageImportOptions,
  ImageListOptions,
  ImageLoadOptions,
  ImagePullOptions,
  ImagePushOptions,
  ImageRemoveOptions,
  ImageSearchOptions,
  LogOptions,
  PruneOptions,
  RegistryAuth,
  StatsOptions,
  StopOptions,
  TarFile,
  TerminalSize,
  WaitOptions,
} from "./call_options.ts";
import type { PathStat } from "./docker/archive.ts";
import type {
  ContainerCreate,
  ContainerCreated,
  ContainerInspect,
  ContainerPruneResult,
  ContainerSummary,
  ContainerUpdate,
  FileChange,
  TopResult,
  WaitResult,
} from "./docker/container.ts";
import type { ExecCreate, ExecInspect } from "./docker/exec.ts";
import type {
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImagePruneResult,
  ImageSearchResult,
  ImageSummary,
  ProgressMessage,
  RegistryLogin,
} from "./docker/image.ts";
import type {
  EndpointSettings,
  NetworkCreate,
  NetworkCreated,
  NetworkInspect,
  NetworkPruneResult,
} from "./docker/network.ts";
import type { ContainerStats, EventMessage, StoreCheck, SystemInfo, SystemVersion } from "./docker/system.ts";
import type { VolumeCreate, VolumeInspect, VolumePruneResult } from "./docker/volume.ts";

export type * from "./call_options.ts";

/** Bytes in memory that nobody shares, as files, streams and system calls take them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Output of a process; with a terminal all of it is stdout. */
export interface OutputFrame {
  /** Which of the two wrote it. */
  readonly stream: "stdout" | "stderr";
  /** A piece as it was read, at most 64 KiB; of a log, a line, or a piece of one longer than 16 KiB. */
  readonly data: Bytes;
}

/** A connection to the streams of a process. `output` ends when the process does, or on detach. */
export interface AttachedStreams extends AsyncDisposable {
  /** Whether the process has a terminal: one stream, raw. */
  readonly tty: boolean;
  /** What the process writes, in its order; can be read once. A slow reader makes the process wait. */
  readonly output: AsyncIterable<OutputFrame>;
  /** Gives data to the stdin of the process; settles when it is taken. */
  write(data: Bytes): Promise<void>;
  /** No more input is coming. A terminal is left by it, and its process goes on. */
  closeStdin(): Promise<void>;
}

/** A process start written down: what `--explain` prints (design section 3). */
export interface TapeListing {
  /** `x86_64` or `aarch64`: numbers of system calls differ. */
  readonly architecture: string;
  /** In the order in which they lie on the tape, from index 0. */
  readonly entries: readonly TapeListingEntry[];
  /** Of a container that runs in networks: what was done to set them up; absent where an engine before this one did it. */
  readonly network?: readonly NetworkStep[];
}

/** One system call of a tape. */
export interface TapeListingEntry {
  /** Its place, by which others jump to it. */
  readonly index: number;
  /** Which process replays it. */
  readonly actor: "keeper" | "process";
  /** The system call by name: `openat`. */
  readonly call: string;
  /** Its arguments decoded: `O_RDONLY|O_CLOEXEC`, `"/proc"`, `result of 7`. */
  readonly args: readonly string[];
  /** The arguments as the kernel gets them; null where an earlier result is put in. */
  readonly raw: readonly (string | null)[];
  /** Of the system call, on this architecture. */
  readonly number: number;
  /** What a failure is reported as: `mount tmpfs on /dev`. */
  readonly label: string;
  /** Why the call is made, and made here. */
  readonly reason: string;
  /** Index of the entry to go on with when the call fails; absent: the start has failed. */
  readonly onError?: number;
  /** Index of the entry to go on with when the call gives 0 (absent: the next). */
  readonly onZero?: number;
}

/** One thing that was done to set up a network, as it was done. */
export interface NetworkStep {
  /**
   * What `text` is: a message to the kernel decoded, a setting below /proc/sys/net, a rule as iptables takes it, a name
   * with its addresses, a published port that the engine carries.
   */
  readonly kind: "netlink" | "sysctl" | "firewall" | "dns" | "proxy";
  /** In whose network stack. */
  readonly place: "host" | "container";
  /** `RTM_NEWLINK create bridge br-1 (NLM_F_EXCL|NLM_F_CREATE): …`, `iptables -t nat -I …`. */
  readonly text: string;
  /** Why it is done. */
  readonly reason: string;
}

/** An answer that tells how the work was done, to those who asked for it. */
export interface Explained {
  /** In the order in which they were done; absent when nobody asked, or no network was set up. */
  readonly Steps?: readonly NetworkStep[];
}

/**
 * Files within something that has a root of its own: `of` names a container or a volume. Every path is one in there, and
 * resolved in there, symlinks included; relative ones start at the root. Each throws `not_found` when `of` or the path is
 * not there. What is read or written may change meanwhile; it is as it is at the moment.
 */
export interface Files {
  /** What lies at the path; a symlink that is its last name is not followed, unless a slash or `/.` comes after it. */
  statPath(of: string, path: string): Promise<PathStat>;
  /**
   * What lies at the path, as a tar whose names begin with the last name of the path (`.` for `dir/.`), and what it is.
   * @throws `invalid` for what the kernel only makes up (`/proc`, `/sys`)
   */
  getArchive(of: string, path: string): Promise<{ stat: PathStat; tar: ReadableStream<Bytes> }>;
  /**
   * Unpacks a tar, plain or compressed, into the directory at the path.
   * @throws `invalid` when that is no directory or the tar is broken, `forbidden` where it is read-only
   */
  putArchive(of: string, path: string, tar: ReadableStream<Bytes>, options?: ArchivePutOptions): Promise<void>;
  /** The paths that match a pattern (`*`, `?`, `[a-z]`, none of them a slash), sorted; none: an empty list. */
  findPaths(of: string, pattern: string): Promise<string[]>;
}

/**
 * Containers and their lives.
 * Every method that takes an `id` throws `not_found` when there is no such container, `invalid` when it means several.
 */
export interface Containers extends Files {
  /**
   * Makes a container that does not run yet; all of the request is checked before anything is made.
   * @throws `not_found` for the image, `conflict` for a name in use, `invalid` for what Docker refuses.
   */
  create(config: ContainerCreate, options?: ContainerCreateOptions): Promise<ContainerCreated>;
  /** Throws `not_modified` when it runs already. `Steps` are about its networks; of its process `explain` tells. */
  start(id: string, options?: ExplainOptions): Promise<Explained>;
  /** Sends the stop signal, SIGKILL after `timeout` seconds (-1: never). Throws `not_modified` when it does not run. */
  stop(id: string, options?: StopOptions): Promise<void>;
  /** Stops it if it runs, as `stop` does, and starts it. */
  restart(id: string, options?: StopOptions): Promise<void>;
  /** Sends a signal, SIGKILL unless given, by name or number. Throws `conflict` when it does not run. */
  kill(id: string, options?: { signal?: string }): Promise<void>;
  /** Freezes all its processes. Throws `conflict` when it does not run, or is paused already. */
  pause(id: string): Promise<void>;
  /** Lets them go on. Throws `conflict` when it is not paused. */
  unpause(id: string): Promise<void>;
  /** Gives it another name. Throws `conflict` when that is in use. */
  rename(id: string, name: string): Promise<void>;
  /** Changes limits and restart policy, of a running container at once. */
  update(id: string, changes: ContainerUpdate): Promise<{ Warnings: string[] }>;
  /** Removes it with its log and its file system. Throws `conflict` when it runs, unless `force` kills it. */
  remove(id: string, options?: ContainerRemoveOptions): Promise<void>;
  /** Removes all that do not run and match (`label`, `label!`, `until`); tells their ids and the bytes set free. */
  prune(filters?: Filters, options?: PruneOptions): Promise<ContainerPruneResult>;
  /** All that is known of it; with `size` also what it takes on disk, which has to be counted. */
  inspect(id: string, options?: { size?: boolean }): Promise<ContainerInspect>;
  /** A row each, the youngest first: those that run, with `all` all of them, with `limit` the last so many of all. */
  list(options?: ContainerListOptions): Promise<ContainerSummary[]>;
  /** Its processes as the host's `ps` shows them, by default as `ps -ef`. Throws `conflict` when it does not run. */
  top(id: string, psArgs?: string): Promise<TopResult>;
  /** The paths that it has added, modified or deleted in its image's file system. */
  changes(id: string): Promise<FileChange[]>;
  /** Its whole file system as a tar, without what is mounted in it. */
  export(id: string): Promise<ReadableStream<Bytes>>;
  /**
   * Makes an image of it: its image's layers, and one of what it has changed.
   * @throws `invalid` for a name or an instruction that is none, `conflict` for a container of the image `host`
   */
  commit(id: string, options?: CommitOptions): Promise<{ Id: string }>;
  /**
   * Waits for the condition. The waiter is in place when the call returns its promise: a start that comes later is
   * not missed. Rejects with `not_found` at once when there is no such container.
   */
  wait(id: string, options?: WaitOptions): Promise<WaitResult>;
  /** Rejects at once for an unknown id; the frames are lines of the log, timestamps and details put before them. */
  logs(id: string, options?: LogOptions): Promise<{ tty: boolean; frames: AsyncIterable<OutputFrame> }>;
  /** Connects with its streams; before its start too, to miss nothing. Throws `conflict` when it is paused. */
  attach(id: string, options?: AttachOptions): Promise<AttachedStreams>;
  /** Tells its terminal a size in characters; nothing happens without one. Throws `conflict` when it does not run. */
  resize(id: string, size: TerminalSize): Promise<void>;
  /**
   * Its figures once a second; with `stream: false` once, after a second (`oneShot`: at once, with nothing to compare).
   * Zeros while it does not run. Ends when it is removed or the signal is aborted.
   */
  stats(id: string, options?: StatsOptions): Promise<AsyncIterable<ContainerStats>>;
  /** The tape that a start would replay now; of a container that runs also how its networks were set up. */
  explain(id: string): Promise<TapeListing>;
}

/**
 * Further commands in containers that run.
 * Every method that takes an `id` throws `not_found` when there is no such exec; ended ones are remembered for a while.
 */
export interface Execs {
  /** Prepares a command. Throws `conflict` when the container does not run or is paused. */
  create(container: string, config: ExecCreate): Promise<{ Id: string }>;
  /** Starts and attaches; with `detach` nothing is attached. Settles when the command has been exec'd. */
  start(id: string, options?: ExecStartOptions): Promise<AttachedStreams | undefined>;
  /** What it is, whether it runs, and its exit code. */
  inspect(id: string): Promise<ExecInspect>;
  /** Tells its terminal a size in characters. Throws `conflict` when it does not run. */
  resize(id: string, size: TerminalSize): Promise<void>;
  /** The tape that a start would replay now. */
  explain(id: string): Promise<TapeListing>;
}

/**
 * Images and their names.
 * A `name` is a reference (`busybox`, `example.org/a/b:1`, `a@sha256:…`) or an id, which may be shortened; every method
 * that takes one throws `not_found` when nothing has it.
 */
export interface Images {
  /** A row each, the newest first; with `all` also those without a name that others are built on. */
  list(options?: ImageListOptions): Promise<ImageSummary[]>;
  /** All that is known of it. */
  inspect(name: string): Promise<ImageInspect>;
  /** The steps in which it was made, the last first. */
  history(name: string): Promise<ImageHistoryItem[]>;
  /** Gives it a further name, which another image loses if it had it. */
  tag(name: string, reference: string): Promise<void>;
  /**
   * Takes the name away, and with the last name the image and those that only it was built on (unless `noPrune`).
   * @throws `conflict` when containers or images need it; `force` overcomes stopped containers and several names.
   */
  remove(name: string, options?: ImageRemoveOptions): Promise<ImageDeleteItem[]>;
  /** Removes those that no container uses and that have no tag; with the filter `dangling=false` all unused ones. */
  prune(filters?: Filters, options?: PruneOptions): Promise<ImagePruneResult>;
  /** Takes in a docker-archive or OCI-layout tar, plain or compressed; yields progress and the names loaded. */
  load(tar: ReadableStream<Bytes> | TarFile, options?: ImageLoadOptions): AsyncIterable<ProgressMessage>;
  /** Makes an image of one layer from a root file system tar. Yields progress, last the image id. */
  import(tar: ReadableStream<Bytes> | TarFile, options?: ImageImportOptions): AsyncIterable<ProgressMessage>;
  /** A docker-archive that is an OCI layout too, with the images and their shared layers once. */
  save(names: readonly string[]): Promise<ReadableStream<Bytes>>;
  /**
   * Gets an image from its registry (Docker Hub where the name says none); yields progress as Docker has it.
   * @throws `not_found` when there is none, or one may not see it; `unavailable` when the registry cannot be reached.
   */
  pull(reference: string, options?: ImagePullOptions): AsyncIterable<ProgressMessage>;
  /** Gives an image to the registry of its name. Throws `forbidden` when one may not. */
  push(reference: string, options?: ImagePushOptions): AsyncIterable<ProgressMessage>;
  /** Looks for images by a word: on Docker Hub, or in the registry that stands before it (`example.org/word`). */
  search(term: string, options?: ImageSearchOptions): Promise<ImageSearchResult[]>;
  /** Asks the registry `serveraddress` whether it knows one. Throws `forbidden` when it does not. */
  login(auth: RegistryAuth): Promise<RegistryLogin>;
}

/**
 * Networks, and who is in them.
 * Every method that takes a `network` (name or id, which may be shortened) throws `not_found` when there is none.
 */
export interface Networks {
  /** All, the first three being `bridge`, `host` and `none`; filters `name`, `id`, `label`, `driver`, `type`, `scope`, `dangling`. */
  list(filters?: Filters): Promise<NetworkInspect[]>;
  /** All that is known of it. */
  inspect(network: string): Promise<NetworkInspect>;
  /** Throws `conflict` for a name in use, `invalid` or `forbidden` for pools that are wrong or overlap others. */
  create(config: NetworkCreate, options?: ExplainOptions): Promise<NetworkCreated & Explained>;
  /** Throws `forbidden` for the first three, and when containers are in it. */
  remove(network: string): Promise<void>;
  /** Puts a container into it, at once if it runs. Throws `forbidden` when the container shares another's network. */
  connect(
    network: string,
    container: string,
    endpoint?: EndpointSettings,
    options?: ExplainOptions,
  ): Promise<Explained>;
  /** Takes a container out of it; with `force` also one that the engine no longer knows. */
  disconnect(network: string, container: string, options?: { force?: boolean }): Promise<void>;
  /** Removes those that no container has; filters `label`, `label!`, `until`. */
  prune(filters?: Filters, options?: PruneOptions): Promise<NetworkPruneResult>;
}

/**
 * Volumes, and what is in them: they outlive the containers that have them.
 * Every method that takes a `name` throws `not_found` when there is none.
 */
export interface Volumes extends Files {
  /** All, by name; filters `name`, `label`, `driver`, `dangling`. */
  list(filters?: Filters): Promise<VolumeInspect[]>;
  /** All that is known of it, with `size` also its bytes, which have to be counted. */
  inspect(name: string, options?: { size?: boolean }): Promise<VolumeInspect>;
  /** Gives what is there if the name is taken, as Docker does. Throws `invalid` for a name or an option that is none. */
  create(config: VolumeCreate): Promise<VolumeInspect>;
  /** Throws `conflict` when containers have it, running or not; with `force` it may be missing. */
  remove(name: string, options?: { force?: boolean }): Promise<void>;
  /** Removes those that no container has: anonymous ones, with the filter `all` all; filters `label`, `label!`. */
  prune(filters?: Filters, options?: PruneOptions): Promise<VolumePruneResult>;
  /** Gives it another name. Throws `conflict` when containers have it, or another volume has the name. */
  rename(name: string, newName: string): Promise<void>;
  /** Makes another one with the same files and labels. */
  clone(name: string, newName: string): Promise<VolumeInspect>;
  /** What is in it, as a tar. */
  export(name: string): Promise<ReadableStream<Bytes>>;
  /** Fills a volume from a tar, plain or compressed; made if it is missing. Throws `conflict` when it is not empty. */
  import(name: string, tar: ReadableStream<Bytes>): Promise<void>;
}

/** The engine itself. */
export interface System {
  /** What the engine is, what it holds, and what this machine can do. */
  info(): Promise<SystemInfo>;
  /** The versions of the engine, and of Docker's API that it speaks. */
  version(): Promise<SystemVersion>;
  /** Events since `since` (seconds since 1970, if given) and from now on; ends at `until` or when aborted. */
  events(options?: EventsOptions): AsyncIterable<EventMessage>;
  /** What everything takes on disk in bytes, as Docker's `GET /system/df` has it. */
  diskUsage(): Promise<Record<string, unknown>>;
  /** Compares what the database says with what is on the disk, both ways, and with `repair` mends what it can. */
  check(options?: CheckOptions): Promise<StoreCheck>;
}

/** The whole engine. Disposing of it lets go of the engine or of the connection; containers go on. */
export interface ContainerEngine extends AsyncDisposable {
  /** Containers and their lives. */
  readonly containers: Containers;
  /** Further commands in containers that run. */
  readonly execs: Execs;
  /** Images and their names. */
  readonly images: Images;
  /** Networks, and who is in them. */
  readonly networks: Networks;
  /** Volumes, and what is in them. */
  readonly volumes: Volumes;
  /** The engine itself. */
  readonly system: System;
}
