/**
 * Containers as Docker's Engine API v1.47 has them on the wire. The engine, the library and the CLI know this one shape;
 * older and newer versions are converted at the API's edge (api/versions.ts). Source: Docker Engine API, "Container".
 */
import type { EndpointSettings, NetworkingConfig, NetworkSettings, PortBinding } from "./network.ts";

/** What a container runs and how; from the image, overridden by the request. */
export interface ContainerConfig {
  Hostname: string;
  Domainname: string;
  User: string;
  AttachStdin: boolean;
  AttachStdout: boolean;
  AttachStderr: boolean;
  ExposedPorts?: Record<string, Record<string, never>>;
  Tty: boolean;
  OpenStdin: boolean;
  /** The first client that attaches to stdin closes it for good when it goes. */
  StdinOnce: boolean;
  /** `NAME=value`; a name alone takes the variable away. */
  Env: string[];
  Cmd: string[] | null;
  Entrypoint: string[] | null;
  /** As the user wrote it. */
  Image: string;
  Volumes: Record<string, Record<string, never>> | null;
  WorkingDir: string;
  NetworkDisabled?: boolean;
  OnBuild: string[] | null;
  Labels: Record<string, string>;
  /** A name or number; absent means SIGTERM. */
  StopSignal?: string;
  /** Seconds. */
  StopTimeout?: number;
  Healthcheck?: Record<string, unknown>;
  Shell?: string[];
}

/** How the host serves a container: limits, namespaces, mounts, security. */
export interface HostConfig extends Resources {
  Binds: string[] | null;
  ContainerIDFile: string;
  LogConfig: { Type: string; Config: Record<string, string> };
  /** `default`, `none`, `host`, `bridge`, `container:ID` or a network's name. */
  NetworkMode: string;
  PortBindings: Record<string, PortBinding[]>;
  RestartPolicy: { Name: string; MaximumRetryCount: number };
  AutoRemove: boolean;
  VolumeDriver: string;
  VolumesFrom: string[] | null;
  ConsoleSize: [number, number];
  Annotations?: Record<string, string>;
  CapAdd: string[] | null;
  CapDrop: string[] | null;
  /** `private` or `host`; empty means private. */
  CgroupnsMode: string;
  Dns: string[];
  DnsOptions: string[];
  DnsSearch: string[];
  ExtraHosts: string[] | null;
  GroupAdd: string[] | null;
  /** `none`, `private`, `shareable`, `host`, `container:ID`; empty means private. */
  IpcMode: string;
  Cgroup: string;
  Links: string[] | null;
  OomScoreAdj: number;
  /** Empty, `host` or `container:ID`. */
  PidMode: string;
  Privileged: boolean;
  PublishAllPorts: boolean;
  ReadonlyRootfs: boolean;
  SecurityOpt: string[] | null;
  StorageOpt?: Record<string, string>;
  /** Path in the container to mount options. */
  Tmpfs?: Record<string, string>;
  /** Empty or `host`. */
  UTSMode: string;
  UsernsMode: string;
  /** Bytes; 0 means 64 MiB. */
  ShmSize: number;
  Sysctls?: Record<string, string>;
  Runtime: string;
  Mounts?: MountRequest[];
  /** null means the default lists, [] none at all. */
  MaskedPaths: string[] | null;
  ReadonlyPaths: string[] | null;
  Init?: boolean;
}

/** One `--mount`. */
export interface MountRequest {
  Type: "bind" | "volume" | "tmpfs" | "image" | "npipe" | "cluster";
  Source?: string;
  Target: string;
  ReadOnly?: boolean;
  Consistency?: string;
  BindOptions?: {
    Propagation?: string;
    NonRecursive?: boolean;
    CreateMountpoint?: boolean;
    ReadOnlyNonRecursive?: boolean;
    ReadOnlyForceRecursive?: boolean;
  };
  VolumeOptions?: {
    NoCopy?: boolean;
    Labels?: Record<string, string>;
    Subpath?: string;
    DriverConfig?: { Name?: string; Options?: Record<string, string> };
  };
  TmpfsOptions?: { SizeBytes?: number; Mode?: number };
}

/** Limits, in Docker's units; 0 or absent means no limit. */
export interface Resources {
  CpuShares: number;
  /** Bytes. */
  Memory: number;
  /** 10^-9 of a CPU. */
  NanoCpus: number;
  CgroupParent: string;
  BlkioWeight: number;
  BlkioWeightDevice: { Path: string; Weight: number }[] | null;
  BlkioDeviceReadBps: ThrottleDevice[] | null;
  BlkioDeviceWriteBps: ThrottleDevice[] | null;
  BlkioDeviceReadIOps: ThrottleDevice[] | null;
  BlkioDeviceWriteIOps: ThrottleDevice[] | null;
  /** Microseconds. */
  CpuPeriod: number;
  CpuQuota: number;
  CpuRealtimePeriod: number;
  CpuRealtimeRuntime: number;
  CpusetCpus: string;
  CpusetMems: string;
  Devices: DeviceMapping[] | null;
  DeviceCgroupRules: string[] | null;
  DeviceRequests: unknown[] | null;
  MemoryReservation: number;
  /** Memory plus swap, in bytes; -1 means unlimited swap. */
  MemorySwap: number;
  MemorySwappiness: number | null;
  OomKillDisable: boolean | null;
  PidsLimit: number | null;
  Ulimits: { Name: string; Hard: number; Soft: number }[] | null;
}

export interface ThrottleDevice {
  Path: string;
  Rate: number;
}

export interface DeviceMapping {
  PathOnHost: string;
  PathInContainer: string;
  /** Some of `rwm`. */
  CgroupPermissions: string;
}

/** The body of `POST /containers/create`; whatever is left out takes its default. */
export type ContainerCreate = Partial<ContainerConfig> & {
  HostConfig?: Partial<HostConfig>;
  NetworkingConfig?: NetworkingConfig;
};

export interface ContainerCreated {
  Id: string;
  Warnings: string[];
}

/** The body of `POST /containers/{id}/update`. */
export type ContainerUpdate = Partial<Resources> & { RestartPolicy?: HostConfig["RestartPolicy"] };

export type ContainerStatus = "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";

export interface ContainerState {
  Status: ContainerStatus;
  Running: boolean;
  Paused: boolean;
  Restarting: boolean;
  OOMKilled: boolean;
  Dead: boolean;
  /** On the host; 0 when it does not run. */
  Pid: number;
  ExitCode: number;
  Error: string;
  /** RFC 3339 with nanoseconds; `0001-01-01T00:00:00Z` for never. */
  StartedAt: string;
  FinishedAt: string;
}

export interface MountPoint {
  Type: string;
  Name?: string;
  Source: string;
  Destination: string;
  Driver?: string;
  Mode: string;
  RW: boolean;
  Propagation: string;
}

export interface ContainerInspect {
  Id: string;
  Created: string;
  Path: string;
  Args: string[];
  State: ContainerState;
  /** The id of the image. */
  Image: string;
  ResolvConfPath: string;
  HostnamePath: string;
  HostsPath: string;
  LogPath: string;
  /** With a leading slash. */
  Name: string;
  RestartCount: number;
  Driver: string;
  Platform: string;
  MountLabel: string;
  ProcessLabel: string;
  AppArmorProfile: string;
  ExecIDs: string[] | null;
  HostConfig: HostConfig;
  GraphDriver: { Name: string; Data: Record<string, string> | null };
  SizeRw?: number;
  SizeRootFs?: number;
  Mounts: MountPoint[];
  Config: ContainerConfig;
  NetworkSettings: NetworkSettings;
}

/** A row of `GET /containers/json`. */
export interface ContainerSummary {
  Id: string;
  Names: string[];
  Image: string;
  ImageID: string;
  Command: string;
  /** Seconds since 1970. */
  Created: number;
  Ports: { IP?: string; PrivatePort: number; PublicPort?: number; Type: string }[];
  SizeRw?: number;
  SizeRootFs?: number;
  Labels: Record<string, string>;
  State: ContainerStatus;
  /** `Up 5 minutes (Paused)`. */
  Status: string;
  HostConfig: { NetworkMode: string };
  NetworkSettings: { Networks: Record<string, EndpointSettings> };
  Mounts: MountPoint[];
}

/** The answer of `POST /containers/{id}/wait`. */
export interface WaitResult {
  StatusCode: number;
  Error?: { Message: string };
}

export type WaitCondition = "not-running" | "next-exit" | "removed";

export interface TopResult {
  Titles: string[];
  Processes: string[][];
}

/** 0 modified, 1 added, 2 deleted. */
export interface FileChange {
  Path: string;
  Kind: 0 | 1 | 2;
}
