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
  ContainerCreate,
  ContainerCreated,
  ContainerInspect,
  ContainerSummary,
  ContainerUpdate,
  FileChange,
  TopResult,
  WaitCondition,
  WaitResult,
} from "./docker/container.ts";
import type { ExecCreate, ExecInspect } from "./docker/exec.ts";
import type { ImageDeleteItem, ImageHistoryItem, ImageInspect, ImageSummary, ProgressMessage } from "./docker/image.ts";
import type { ContainerStats, EventMessage, SystemInfo, SystemVersion } from "./docker/system.ts";

export type Bytes = Uint8Array<ArrayBuffer>;

/** Output of a process; with a terminal all of it is stdout. */
export interface OutputFrame {
  readonly stream: "stdout" | "stderr";
  readonly data: Bytes;
}

/** Docker's filters: `{ label: ["a=b"], status: ["running"] }`; values of one key are alternatives (labels: all). */
export type Filters = Readonly<Record<string, readonly string[]>>;

export interface AttachOptions {
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  /** What the log already has comes first. */
  readonly logs?: boolean;
  /** Stay attached; without it only the log is given. */
  readonly stream?: boolean;
  /** `ctrl-p,ctrl-q` when absent; empty: none. Only with a terminal. */
  readonly detachKeys?: string;
}

/** A connection to the streams of a process. `output` ends when the process does, or on detach. */
export interface AttachedStreams extends AsyncDisposable {
  /** Whether the process has a terminal: one stream, raw. */
  readonly tty: boolean;
  readonly output: AsyncIterable<OutputFrame>;
  /** Gives data to the stdin of the process; settles when it is taken. */
  write(data: Bytes): Promise<void>;
  /** No more input is coming. */
  closeStdin(): Promise<void>;
}

export interface LogOptions {
  readonly stdout?: boolean;
  readonly stderr?: boolean;
  readonly follow?: boolean;
  /** Nanoseconds since 1970. */
  readonly since?: bigint;
  readonly until?: bigint;
  readonly timestamps?: boolean;
  readonly details?: boolean;
  /** The last so many lines; absent: all. */
  readonly tail?: number;
  readonly signal?: AbortSignal;
}

/** A process start written down: what `--explain` prints (design section 3). */
export interface TapeListing {
  readonly architecture: string;
  readonly entries: readonly TapeListingEntry[];
}

export interface TapeListingEntry {
  readonly index: number;
  /** Which process replays it. */
  readonly actor: "keeper" | "process";
  /** The system call by name, and its arguments decoded: `O_RDONLY|O_CLOEXEC`, `"/proc"`, `result of 7`. */
  readonly call: string;
  readonly args: readonly string[];
  /** The arguments as the kernel gets them; null where an earlier result is put in. */
  readonly raw: readonly (string | null)[];
  readonly number: number;
  /** What a failure is reported as: `mount tmpfs on /dev`. */
  readonly label: string;
  /** Why the call is made, and made here. */
  readonly reason: string;
  /** Index of the entry to go on with when the call fails (absent: fatal) or gives 0. */
  readonly onError?: number;
  readonly onZero?: number;
}

export interface Containers {
  create(config: ContainerCreate, options?: { name?: string; platform?: string }): Promise<ContainerCreated>;
  /** Throws `not_modified` when it runs already. */
  start(id: string): Promise<void>;
  /** Sends the stop signal, and SIGKILL after `timeout` seconds (-1: never). Throws `not_modified` when it does not run. */
  stop(id: string, options?: { signal?: string; timeout?: number }): Promise<void>;
  restart(id: string, options?: { signal?: string; timeout?: number }): Promise<void>;
  kill(id: string, options?: { signal?: string }): Promise<void>;
  pause(id: string): Promise<void>;
  unpause(id: string): Promise<void>;
  rename(id: string, name: string): Promise<void>;
  update(id: string, changes: ContainerUpdate): Promise<{ Warnings: string[] }>;
  remove(id: string, options?: { force?: boolean; volumes?: boolean }): Promise<void>;
  prune(filters?: Filters): Promise<{ ContainersDeleted: string[]; SpaceReclaimed: number }>;
  inspect(id: string, options?: { size?: boolean }): Promise<ContainerInspect>;
  list(options?: { all?: boolean; limit?: number; size?: boolean; filters?: Filters }): Promise<ContainerSummary[]>;
  top(id: string, psArgs?: string): Promise<TopResult>;
  changes(id: string): Promise<FileChange[]>;
  /**
   * Waits for the condition. The waiter is in place when the call returns its promise: a start that comes later is
   * not missed. Rejects with `not_found` at once when there is no such container.
   */
  wait(id: string, options?: { condition?: WaitCondition; signal?: AbortSignal }): Promise<WaitResult>;
  /** Rejects at once for an unknown id; the frames are lines of the log, timestamps and details put before them. */
  logs(id: string, options?: LogOptions): Promise<{ tty: boolean; frames: AsyncIterable<OutputFrame> }>;
  attach(id: string, options?: AttachOptions): Promise<AttachedStreams>;
  resize(id: string, size: { rows: number; columns: number }): Promise<void>;
  stats(
    id: string,
    options?: { stream?: boolean; oneShot?: boolean; signal?: AbortSignal },
  ): Promise<AsyncIterable<ContainerStats>>;
  /** The tape that a start would replay now. */
  explain(id: string): Promise<TapeListing>;
}

export interface Execs {
  create(container: string, config: ExecCreate): Promise<{ Id: string }>;
  /** Starts and attaches; with `detach` nothing is attached and the promise settles when the command has been exec'd. */
  start(
    id: string,
    options?: { detach?: boolean; tty?: boolean; consoleSize?: { rows: number; columns: number } },
  ): Promise<AttachedStreams | undefined>;
  inspect(id: string): Promise<ExecInspect>;
  resize(id: string, size: { rows: number; columns: number }): Promise<void>;
  explain(id: string): Promise<TapeListing>;
}

export interface Images {
  list(options?: { all?: boolean; filters?: Filters; sharedSize?: boolean }): Promise<ImageSummary[]>;
  inspect(name: string): Promise<ImageInspect>;
  history(name: string): Promise<ImageHistoryItem[]>;
  tag(name: string, reference: string): Promise<void>;
  remove(name: string, options?: { force?: boolean; noPrune?: boolean }): Promise<ImageDeleteItem[]>;
  prune(filters?: Filters): Promise<{ ImagesDeleted: ImageDeleteItem[]; SpaceReclaimed: number }>;
  /** Takes in a docker-archive or OCI-layout tar, plain or compressed; yields progress and the names loaded. */
  load(tar: ReadableStream<Bytes>, options?: { quiet?: boolean; signal?: AbortSignal }): AsyncIterable<ProgressMessage>;
  /** Makes an image of one layer from a root file system tar. Yields progress, last the image id. */
  import(
    tar: ReadableStream<Bytes>,
    options?: {
      reference?: string;
      message?: string;
      changes?: readonly string[];
      platform?: string;
      signal?: AbortSignal;
    },
  ): AsyncIterable<ProgressMessage>;
  /** A docker-archive that is an OCI layout too, with the images and their shared layers once. */
  save(names: readonly string[]): Promise<ReadableStream<Bytes>>;
}

export interface System {
  info(): Promise<SystemInfo>;
  version(): Promise<SystemVersion>;
  /** Events since `since` (seconds since 1970, if given) and from now on; ends at `until` or when aborted. */
  events(
    options?: { since?: number; until?: number; filters?: Filters; signal?: AbortSignal },
  ): AsyncIterable<EventMessage>;
  diskUsage(): Promise<Record<string, unknown>>;
}

export interface ContainerEngine extends AsyncDisposable {
  readonly containers: Containers;
  readonly execs: Execs;
  readonly images: Images;
  readonly system: System;
}
