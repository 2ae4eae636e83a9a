/**
 * Containers as Docker's Engine API v1.47 has them on the wire. Engine, library and CLI know this one shape; older and
 * newer versions are converted at the API's edge (api/versions.ts). Source: Docker Engine API, "Container".
 */
import type { HostConfig } from "./host_config.ts";
import type { EndpointSettings, NetworkingConfig, NetworkSettings } from "./network.ts";
import type { Resources } from "./resources.ts";

/** What a container runs and how; from the image, overridden by the request. */
export interface ContainerConfig {
  /** Empty in a request means the first twelve digits of the container's id. */
  Hostname: string;
  /** The NIS domain name (uts_namespaces(7)), which hardly anything uses. */
  Domainname: string;
  /** `user[:group]` by name or number, looked up in the container's own files; empty means root. */
  User: string;
  /** Whether the client that created it meant to attach to stdin; nothing depends on it later. */
  AttachStdin: boolean;
  /** The same for stdout. */
  AttachStdout: boolean;
  /** The same for stderr. */
  AttachStderr: boolean;
  /** Ports that the program listens on, `80/tcp` each; says so, and opens nothing. */
  ExposedPorts?: Record<string, Record<string, never>>;
  /** Gives the process a terminal; its output is then one stream. */
  Tty: boolean;
  /** Gives the process a stdin that stays open when nobody is attached; without it, it reads end of file. */
  OpenStdin: boolean;
  /** The first client that attaches to stdin closes it for good when it goes. */
  StdinOnce: boolean;
  /** `NAME=value`; a name alone takes the variable away. */
  Env: string[];
  /** Arguments of the entrypoint, or the whole command where there is none; null means none. */
  Cmd: string[] | null;
  /** The program and its first arguments; null means none, in a request the image's, and `[""]` none there. */
  Entrypoint: string[] | null;
  /** As the user wrote it. */
  Image: string;
  /** Paths that get a volume of their own (keys only). */
  Volumes: Record<string, Record<string, never>> | null;
  /** Absolute path in the container, made if missing; empty means `/`. */
  WorkingDir: string;
  /** Docker's older way to ask for `NetworkMode` `none`; kept and shown, without effect. */
  NetworkDisabled?: boolean;
  /** Instructions of a Dockerfile for images built on this one; of images only, null for containers. */
  OnBuild: string[] | null;
  /** The image's and the request's; keys and values are free. */
  Labels: Record<string, string>;
  /** A name or number; absent means SIGTERM. */
  StopSignal?: string;
  /** Seconds between the stop signal and SIGKILL; absent means 10, negative never. */
  StopTimeout?: number;
  /** Docker's health check; taken in, without effect yet: no container has a health. */
  Healthcheck?: Record<string, unknown>;
  /** What the shell form of a Dockerfile's instructions runs with; of images only. */
  Shell?: string[];
}

/** The body of `POST /containers/create`; whatever is left out takes its default. */
export type ContainerCreate = Partial<ContainerConfig> & {
  HostConfig?: Partial<HostConfig>;
  NetworkingConfig?: NetworkingConfig;
};

/** The answer of `POST /containers/create`. */
export interface ContainerCreated {
  /** 64 hexadecimal digits. */
  Id: string;
  /** Sentences for the user: limits that this machine cannot keep, what is not served yet. */
  Warnings: string[];
}

/** The body of `POST /containers/{id}/update`; what is left out or 0 stays as it is. */
export type ContainerUpdate = Partial<Resources> & { RestartPolicy?: HostConfig["RestartPolicy"] };

/** The answer of `POST /containers/prune`. */
export interface ContainerPruneResult {
  /** Full ids. */
  ContainersDeleted: string[];
  /** Bytes set free on disk. */
  SpaceReclaimed: number;
}

/** Docker's one word for a state; `dead` does not occur here. */
export type ContainerStatus = "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";

/** Where a container is in its life. */
export interface ContainerState {
  /** The one word that the booleans below spell out. */
  Status: ContainerStatus;
  /** Also when it is paused, or waits for its restart. */
  Running: boolean;
  /** All of its processes are frozen. */
  Paused: boolean;
  /** It has ended, and its restart policy will start it again. */
  Restarting: boolean;
  /** The kernel killed a process of the last run for want of memory. */
  OOMKilled: boolean;
  /** Always false: a removal that fails leaves the container as it was. */
  Dead: boolean;
  /** On the host; 0 when it does not run. */
  Pid: number;
  /** Of the last run, 128 + N after signal N; 0 while it runs or before the first. */
  ExitCode: number;
  /** Why the last start failed, or its end is not known; empty otherwise. */
  Error: string;
  /** RFC 3339 with nanoseconds; `0001-01-01T00:00:00Z` for never. */
  StartedAt: string;
  /** The same of its end; never while it runs. */
  FinishedAt: string;
}

/** A mount of the user as `inspect` shows it. */
export interface MountPoint {
  /** `bind`, `volume`, `tmpfs` or `image`. */
  Type: string;
  /** A volume's; of an image its id. */
  Name?: string;
  /** Path on the host; empty for a tmpfs. */
  Source: string;
  /** Path in the container. */
  Destination: string;
  /** A volume's driver, `local`. */
  Driver?: string;
  /** The options as `-v` had them: `ro,rslave`. */
  Mode: string;
  /** Whether it can be written to. */
  RW: boolean;
  /** `rprivate`, `rslave` …, mount_namespaces(7); empty where it means nothing. */
  Propagation: string;
}

/** The answer of `GET /containers/{id}/json`. */
export interface ContainerInspect {
  /** 64 hexadecimal digits. */
  Id: string;
  /** RFC 3339 with nanoseconds. */
  Created: string;
  /** The program, first word of entrypoint and command. */
  Path: string;
  /** The words after it. */
  Args: string[];
  /** Where it is in its life, now. */
  State: ContainerState;
  /** The id of the image. */
  Image: string;
  /** The host's file that is its /etc/resolv.conf. */
  ResolvConfPath: string;
  /** The host's file that is its /etc/hostname. */
  HostnamePath: string;
  /** The host's file that is its /etc/hosts. */
  HostsPath: string;
  /** The host's file with its output; empty unless the log driver is `json-file`. */
  LogPath: string;
  /** With a leading slash. */
  Name: string;
  /** How often its restart policy has started it again. */
  RestartCount: number;
  /** Docker's word for how its root is stored: `overlay2`. */
  Driver: string;
  /** The operating system, `linux`. */
  Platform: string;
  /** Of SELinux, which is not used here: empty. */
  MountLabel: string;
  /** Of SELinux too: empty. */
  ProcessLabel: string;
  /** AppArmor is not used here: empty. */
  AppArmorProfile: string;
  /** Ids of its execs, ended ones for a while; null when there are none. */
  ExecIDs: string[] | null;
  /** The request's, completed with defaults. */
  HostConfig: HostConfig;
  /** Folders of its layers on the host, joined by `:` where there are several. */
  GraphDriver: { Name: string; Data: Record<string, string> | null };
  /** Bytes that it has written; only if sizes were asked for. */
  SizeRw?: number;
  /** Those and the image's; only if sizes were asked for. */
  SizeRootFs?: number;
  /** The user's, not /proc, /dev and the like. */
  Mounts: MountPoint[];
  /** The image's and the request's, merged. */
  Config: ContainerConfig;
  /** Addresses and ports; empty where there is no network. */
  NetworkSettings: NetworkSettings;
}

/** A row of `GET /containers/json`. */
export interface ContainerSummary {
  /** 64 hexadecimal digits. */
  Id: string;
  /** With a leading slash; one, as there are no links. */
  Names: string[];
  /** As the user wrote it, or the id when that name has gone to another image. */
  Image: string;
  /** `sha256:` and 64 hexadecimal digits. */
  ImageID: string;
  /** In one line; arguments with a space in quotes. */
  Command: string;
  /** Seconds since 1970. */
  Created: number;
  /** While it runs: exposed ports, and where the host listens for them. */
  Ports: { IP?: string; PrivatePort: number; PublicPort?: number; Type: string }[];
  /** Bytes that it has written; only if sizes were asked for. */
  SizeRw?: number;
  /** Those and the image's; only if sizes were asked for. */
  SizeRootFs?: number;
  /** The image's and the request's. */
  Labels: Record<string, string>;
  /** Docker's one word. */
  State: ContainerStatus;
  /** `Up 5 minutes (Paused)`. */
  Status: string;
  /** As the request had it. */
  HostConfig: { NetworkMode: string };
  /** By the network's name. */
  NetworkSettings: { Networks: Record<string, EndpointSettings> };
  /** The user's. */
  Mounts: MountPoint[];
}

/** The answer of `POST /containers/{id}/wait`. */
export interface WaitResult {
  /** Exit code, 128 + N after signal N; 125 to 127 when the start failed. */
  StatusCode: number;
  /** Why the start failed. */
  Error?: { Message: string };
}

/**
 * What `wait` waits for: that it does not run (at once where that is so), the end of the run that is going on or comes
 * next, or its removal.
 */
export type WaitCondition = "not-running" | "next-exit" | "removed";

/** The answer of `GET /containers/{id}/top`: a table. */
export interface TopResult {
  /** Heads of the columns, as `ps` names them. */
  Titles: string[];
  /** A row per process, a text per column; pids are the host's. */
  Processes: string[][];
}

/** A path in which a container differs from its image. */
export interface FileChange {
  /** Absolute, in the container. */
  Path: string;
  /** 0 modified, 1 added, 2 deleted. */
  Kind: 0 | 1 | 2;
}
