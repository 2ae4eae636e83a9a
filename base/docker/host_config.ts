/** How the host serves a container, as Docker's Engine API v1.47 has it ("HostConfig"). */
import type { PortBinding } from "./network.ts";
import type { Resources } from "./resources.ts";

/** How the host serves a container: limits, namespaces, mounts, security. */
export interface HostConfig extends Resources {
  /** `/host/path:/path[:ro,rslave,…]` each, whose host's path is made when it is missing; or `volume:/path[:ro,nocopy]`. */
  Binds: string[] | null;
  /** Where the client has written the id (`--cidfile`); shown, never written by the engine. */
  ContainerIDFile: string;
  /** Driver (`json-file`, `local`, `none`; empty means `json-file`) and its options. */
  LogConfig: { Type: string; Config: Record<string, string> };
  /** `default`, `none`, `host`, `bridge`, `container:ID` or a network's name. */
  NetworkMode: string;
  /** Port of the container (`80/tcp`) to where the host listens for it. */
  PortBindings: Record<string, PortBinding[]>;
  /** `no`, `always`, `unless-stopped` or `on-failure`; only the last has a count, 0 for any number of times. */
  RestartPolicy: { Name: string; MaximumRetryCount: number };
  /** `--rm`: it is removed when it has ended; goes with the restart policy `no` only. */
  AutoRemove: boolean;
  /** Driver of volumes in `Binds`; empty means `local`. */
  VolumeDriver: string;
  /** `ID[:ro]` of containers whose mounts it gets too, as they are when it is created. */
  VolumesFrom: string[] | null;
  /** Rows and columns that the terminal begins with; zeros leave it as the kernel makes it. */
  ConsoleSize: [number, number];
  /** Notes for whatever runs containers; nothing here reads them. */
  Annotations?: Record<string, string>;
  /** Capabilities beyond Docker's fourteen, with or without `CAP_`; `ALL` for all. */
  CapAdd: string[] | null;
  /** Capabilities taken away; `ALL` leaves those of `CapAdd`. */
  CapDrop: string[] | null;
  /** `private` or `host`; empty means private. */
  CgroupnsMode: string;
  /** Addresses of name servers; empty means the host's. */
  Dns: string[];
  /** Words of resolv.conf's `options`; empty means the host's. */
  DnsOptions: string[];
  /** Domains that short names are looked up in; empty means the host's, `.` none. */
  DnsSearch: string[];
  /** Lines of /etc/hosts, `name:address` each. */
  ExtraHosts: string[] | null;
  /** Further groups of the process, by name or number. */
  GroupAdd: string[] | null;
  /** `none`, `private`, `shareable`, `host`, `container:ID`; empty means private. */
  IpcMode: string;
  /** Docker's leftover of an unfinished feature; no effect there or here. */
  Cgroup: string;
  /** Docker's legacy `--link`, `other:alias` each: names and variables of another container, one way. */
  Links: string[] | null;
  /** -1000 (never killed for memory) to 1000 (first). */
  OomScoreAdj: number;
  /** Empty, `host` or `container:ID`. */
  PidMode: string;
  /** All capabilities and devices, no seccomp filter, nothing masked: root in it is root of the host. */
  Privileged: boolean;
  /** `-P`: every port of `ExposedPorts` gets a free one of the host. */
  PublishAllPorts: boolean;
  /**
   * Ours: how published ports are served: `dnat` by the firewall, `proxy` by the engine, `proxy-protocol` by the engine
   * with PROXY protocol v2 before the client's data. Absent or empty: as the network's option `sauropod.publish_mode`
   * says, else `dnat` where there is iptables.
   */
  PublishMode?: string;
  /** `--read-only`: only mounts can be written to. */
  ReadonlyRootfs: boolean;
  /** `no-new-privileges`, `seccomp=unconfined` or `seccomp=` and a profile's JSON; `apparmor=`, `label=` do nothing. */
  SecurityOpt: string[] | null;
  /** Options of the storage driver, such as `size`; kept and shown, without effect yet. */
  StorageOpt?: Record<string, string>;
  /** Path in the container to mount options. */
  Tmpfs?: Record<string, string>;
  /** Empty or `host`. */
  UTSMode: string;
  /** Empty or `host`, which are the same: containers have no user namespace of their own yet. */
  UsernsMode: string;
  /** Bytes that /dev/shm may take; 0 means 64 MiB. */
  ShmSize: number;
  /** Kernel parameters of the container's namespaces, `net.ipv4.ip_forward` to `1`. */
  Sysctls?: Record<string, string>;
  /** Docker's name of the program that starts containers; shown only: there is one way here. */
  Runtime: string;
  /** Mounts in the longer form of `--mount`. */
  Mounts?: MountRequest[];
  /** Paths that read as empty; null means the default list, [] none at all. */
  MaskedPaths: string[] | null;
  /** Paths that cannot be written to; null means the default list, [] none at all. */
  ReadonlyPaths: string[] | null;
  /** Whether a small init is PID 1: it passes signals on and reaps orphans. */
  Init?: boolean;
}

/** One `--mount`. */
export interface MountRequest {
  /** `npipe` is Windows', `cluster` Swarm's. */
  Type: "bind" | "volume" | "tmpfs" | "image" | "npipe" | "cluster";
  /** A path of the host, or a volume's or image's name; none for a tmpfs or an anonymous volume. */
  Source?: string;
  /** Absolute path in the container. */
  Target: string;
  /** With what is mounted below it, where `BindOptions` does not say otherwise. */
  ReadOnly?: boolean;
  /** Of Docker on macOS (`cached`, `delegated`); no effect. */
  Consistency?: string;
  /** Of type `bind` only; `Propagation` is `rprivate` unless given. */
  BindOptions?: {
    Propagation?: string;
    NonRecursive?: boolean;
    CreateMountpoint?: boolean;
    ReadOnlyNonRecursive?: boolean;
    ReadOnlyForceRecursive?: boolean;
  };
  /** Of type `volume` only; `NoCopy` leaves a new volume empty instead of filling it from the image. */
  VolumeOptions?: {
    NoCopy?: boolean;
    Labels?: Record<string, string>;
    Subpath?: string;
    DriverConfig?: { Name?: string; Options?: Record<string, string> };
  };
  /** Of type `tmpfs` only; `SizeBytes` is half of the memory and `Mode` 0o1777 unless given. */
  TmpfsOptions?: { SizeBytes?: number; Mode?: number };
  /** Of type `image` only. */
  ImageOptions?: { Subpath?: string };
}
