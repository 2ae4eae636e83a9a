/** What may be said with the calls of an engine beyond the object that they are about; all of it may be left out. */
import type { ContainerConfig, WaitCondition } from "./docker/container.ts";

/** Docker's filters: `{ label: ["a=b"], status: ["running"] }`; values of one key are alternatives (labels: all). */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** How a new container is called, and what of its image is meant. */
export interface ContainerCreateOptions {
  /** Absent: two words that the engine makes up. */
  readonly name?: string;
  /** `linux/arm64`: the image must be for it; absent: whatever it is for. */
  readonly platform?: string;
}

/** Whether the answer is to tell how the work was done. */
export interface ExplainOptions {
  /** The answer has `Steps`. */
  readonly explain?: boolean;
}

/** How a container is brought to its end. */
export interface StopOptions {
  /** By name or number; absent: the container's own stop signal. */
  readonly signal?: string;
  /** Seconds until SIGKILL, negative: never; absent: the container's own. */
  readonly timeout?: number;
}

/** How a container is removed. */
export interface ContainerRemoveOptions {
  /** Kill it first if it runs. */
  readonly force?: boolean;
  /** Remove its anonymous volumes too. */
  readonly volumes?: boolean;
}

/** Which containers to list, and how much of each. */
export interface ContainerListOptions {
  /** Those that do not run too. */
  readonly all?: boolean;
  /** The last so many, whatever their state; 0 or less: no limit. */
  readonly limit?: number;
  /** With sizes, which are read from the disk. */
  readonly size?: boolean;
  /** Those of `ps -f`. */
  readonly filters?: Filters;
}

/** What to wait for. */
export interface WaitOptions {
  /** Absent: `not-running`. */
  readonly condition?: WaitCondition;
  /** Gives up: the call is rejected with its reason. */
  readonly signal?: AbortSignal;
}

/** What to be connected with. What is left out is not wanted. */
export interface AttachOptions {
  /** Send input; only where the container was created with `OpenStdin`. */
  readonly stdin?: boolean;
  /** Get stdout; with a terminal that is all output. */
  readonly stdout?: boolean;
  /** Get stderr. */
  readonly stderr?: boolean;
  /** What the log already has comes first. */
  readonly logs?: boolean;
  /** Stay attached; without it only the log is given. */
  readonly stream?: boolean;
  /** `ctrl-p,ctrl-q` when absent; empty: none. Only with a terminal. */
  readonly detachKeys?: string;
}

/** Which lines of a log, and in what form. */
export interface LogOptions {
  /** Lines of stdout; with a terminal those are all. */
  readonly stdout?: boolean;
  /** Lines of stderr. */
  readonly stderr?: boolean;
  /** Go on with what comes, until the container ends. */
  readonly follow?: boolean;
  /** Nanoseconds since 1970. */
  readonly since?: bigint;
  /** Nanoseconds since 1970; nothing later. */
  readonly until?: bigint;
  /** Put the time before each line, RFC 3339 with nanoseconds, UTC. */
  readonly timestamps?: boolean;
  /** Put the attributes that `--log-opt` asks for before each line: `a=b,c=d`. */
  readonly details?: boolean;
  /** The last so many lines; absent: all. */
  readonly tail?: number;
  /** Ends the stream of lines. */
  readonly signal?: AbortSignal;
}

/** How many samples, and when. */
export interface StatsOptions {
  /** Once a second until it is aborted or the container removed, which is the default; false: one sample. */
  readonly stream?: boolean;
  /** The one sample at once, without one before it to compare with. */
  readonly oneShot?: boolean;
  /** Ends the samples. */
  readonly signal?: AbortSignal;
}

/** A size in characters. */
export interface TerminalSize {
  /** Lines of text; 0 means not known. */
  readonly rows: number;
  /** Characters in a line; 0 means not known. */
  readonly columns: number;
}

/** How the command of an exec is started. */
export interface ExecStartOptions {
  /** Nobody is attached. */
  readonly detach?: boolean;
  /** What the exec was created with, again. */
  readonly tty?: boolean;
  /** What its terminal begins with; absent: what it was created with. */
  readonly consoleSize?: TerminalSize;
}

/** Which images to list, and how much of each. */
export interface ImageListOptions {
  /** Also those without a name that others are built on. */
  readonly all?: boolean;
  /** `dangling`, `label`, `label!`, `before`, `since`, `until`, `reference`. */
  readonly filters?: Filters;
  /** With the bytes that each shares with others, and the number of its containers. */
  readonly sharedSize?: boolean;
  /** With the layers of each. */
  readonly layers?: boolean;
}

/** How an image is removed. */
export interface ImageRemoveOptions {
  /** Also what a stopped container uses, or what has several names. */
  readonly force?: boolean;
  /** Leave the nameless images that it was built on. */
  readonly noPrune?: boolean;
}

/** A tar that is read where it lies, instead of being sent. */
export interface TarFile {
  /** Of a plain file, absolute. */
  readonly path: string;
}

/** How images are taken in from an archive. */
export interface ImageLoadOptions {
  /** No progress, only the names loaded. */
  readonly quiet?: boolean;
  /** Gives up, and leaves nothing behind. */
  readonly signal?: AbortSignal;
}

/** What is said of an image that is made from a root file system. */
export interface ImageImportOptions {
  /** A name for it, with or without tag; absent: none. */
  readonly reference?: string;
  /** Shown as its comment. */
  readonly message?: string;
  /** Instructions of a Dockerfile that change its configuration: `CMD ["sh"]`. */
  readonly changes?: readonly string[];
  /** `linux/arm64`; absent: this machine's. */
  readonly platform?: string;
  /** Gives up, and leaves nothing behind. */
  readonly signal?: AbortSignal;
}

/** Who one is to a registry, in the names that Docker's `X-Registry-Auth` has; all may be left out. */
export interface RegistryAuth {
  /** With `password`. */
  readonly username?: string;
  /** A secret. */
  readonly password?: string;
  /** The registry that it is for, as docker's configuration file names it. */
  readonly serveraddress?: string;
  /** A secret with which tokens can be had, instead of a password. */
  readonly identitytoken?: string;
  /** A secret that is shown to the registry as it is. */
  readonly registrytoken?: string;
}

/** How an image comes from a registry. */
export interface ImagePullOptions {
  /** Every tag of the repository. */
  readonly allTags?: boolean;
  /** `linux/arm64`; absent: this machine's. */
  readonly platform?: string;
  /** Absent: nobody. */
  readonly auth?: RegistryAuth;
  /** Gives up, and leaves nothing behind. */
  readonly signal?: AbortSignal;
}

/** How an image goes to a registry. */
export interface ImagePushOptions {
  /** Every tag of the repository that is here. */
  readonly allTags?: boolean;
  /** Absent: nobody. */
  readonly auth?: RegistryAuth;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

/** What is looked for in a registry. */
export interface ImageSearchOptions {
  /** At most so many, 25 unless told, 100 at most. */
  readonly limit?: number;
  /** `is-official`, `is-automated`, `stars`. */
  readonly filters?: Filters;
  /** Absent: nobody. */
  readonly auth?: RegistryAuth;
}

/** Which events, and from when till when. */
export interface EventsOptions {
  /** Seconds since 1970; absent: from now on. */
  readonly since?: number;
  /** Seconds since 1970; absent: for ever. */
  readonly until?: number;
  /** Those of `events -f`. */
  readonly filters?: Filters;
  /** Ends the events. */
  readonly signal?: AbortSignal;
}

/** How files are put into a container or a volume. */
export interface ArchivePutOptions {
  /** Refuse to put a file where a directory is, and the other way round. */
  readonly noOverwriteDirNonDir?: boolean;
  /** Give what is put there to the user that the container runs as; absent: to the owners that the archive names. */
  readonly copyUIDGID?: boolean;
}

/** What becomes of a container's changes as an image. */
export interface CommitOptions {
  /** The image's name, `repository[:tag]`; absent: it has none. */
  readonly reference?: string;
  /** Who made it. */
  readonly author?: string;
  /** A line about it. */
  readonly comment?: string;
  /** Dockerfile instructions that change the configuration: `CMD ["x"]`, `ENV a=b`. */
  readonly changes?: readonly string[];
  /** Freeze the container while its files are read, so that they fit together; the default. */
  readonly pause?: boolean;
  /** What the image's containers start with, before `changes`; what it leaves open is the container's. Absent: all is. */
  readonly config?: Partial<ContainerConfig>;
  /** Gives up, and leaves nothing behind. */
  readonly signal?: AbortSignal;
}

/** How the store is checked. */
export interface CheckOptions {
  /** Put right what can be put right without losing anything. */
  readonly repair?: boolean;
  /** Read every file of every layer and compare it with its digest; takes as long as reading them does. */
  readonly digests?: boolean;
  /** Hears how far the reading for `digests` has come, a few times a second. */
  readonly progress?: (done: CheckProgress) => void;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

/** How far the reading of all layers has come, in bytes. */
export interface CheckProgress {
  /** Read so far. */
  readonly current: number;
  /** Of all layers together. */
  readonly total: number;
}

/** How what nobody uses is removed. */
export interface PruneOptions {
  /** Only tell what would be removed, and how many bytes that would set free. */
  readonly dryRun?: boolean;
  /** With `dryRun`: the ids of containers that count as gone. */
  readonly without?: readonly string[];
}
