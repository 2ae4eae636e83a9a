/** What clients may send, checked before anything acts on it. Names and types are those of base/docker/. */
import * as v from "valibot";
import {
  anything,
  bool,
  command,
  consoleSize,
  emptyObjects,
  int,
  labels,
  map,
  shape,
  text,
  texts,
  uint16,
} from "./shape.ts";

const throttle = v.array(shape({ Path: text, Rate: int }), "[]*blkiodev.ThrottleDevice");
const restartPolicy = shape({ Name: text, MaximumRetryCount: int });

const resources = {
  CpuShares: int,
  Memory: int,
  NanoCpus: int,
  CgroupParent: text,
  BlkioWeight: uint16,
  BlkioWeightDevice: v.array(shape({ Path: text, Weight: uint16 }), "[]*blkiodev.WeightDevice"),
  BlkioDeviceReadBps: throttle,
  BlkioDeviceWriteBps: throttle,
  BlkioDeviceReadIOps: throttle,
  BlkioDeviceWriteIOps: throttle,
  CpuPeriod: int,
  CpuQuota: int,
  CpuRealtimePeriod: int,
  CpuRealtimeRuntime: int,
  CpusetCpus: text,
  CpusetMems: text,
  Devices: v.array(
    shape({ PathOnHost: text, PathInContainer: text, CgroupPermissions: text }),
    "[]container.DeviceMapping",
  ),
  DeviceCgroupRules: texts,
  DeviceRequests: v.array(v.unknown(), "[]container.DeviceRequest"),
  MemoryReservation: int,
  MemorySwap: int,
  MemorySwappiness: int,
  OomKillDisable: bool,
  PidsLimit: int,
  Ulimits: v.array(shape({ Name: text, Hard: int, Soft: int }), "[]*units.Ulimit"),
};

const mount = shape({
  Type: v.picklist(["bind", "volume", "tmpfs", "image", "npipe", "cluster"], "mount.Type"),
  Source: text,
  Target: text,
  ReadOnly: bool,
  Consistency: text,
  BindOptions: shape({
    Propagation: text,
    NonRecursive: bool,
    CreateMountpoint: bool,
    ReadOnlyNonRecursive: bool,
    ReadOnlyForceRecursive: bool,
  }),
  VolumeOptions: shape({
    NoCopy: bool,
    Labels: labels,
    Subpath: text,
    DriverConfig: shape({ Name: text, Options: labels }),
  }),
  TmpfsOptions: shape({ SizeBytes: int, Mode: int }),
  ImageOptions: shape({ Subpath: text }),
});

const portBindings = map(v.array(shape({ HostIp: text, HostPort: text }), "[]nat.PortBinding"), []);

export const hostConfig = shape({
  ...resources,
  Binds: texts,
  ContainerIDFile: text,
  LogConfig: shape({ Type: text, Config: labels }),
  NetworkMode: text,
  PortBindings: portBindings,
  RestartPolicy: restartPolicy,
  AutoRemove: bool,
  VolumeDriver: text,
  VolumesFrom: texts,
  ConsoleSize: consoleSize,
  Annotations: labels,
  CapAdd: command,
  CapDrop: command,
  CgroupnsMode: text,
  Dns: texts,
  DnsOptions: texts,
  DnsSearch: texts,
  ExtraHosts: texts,
  GroupAdd: texts,
  IpcMode: text,
  Cgroup: text,
  Links: texts,
  OomScoreAdj: int,
  PidMode: text,
  Privileged: bool,
  PublishAllPorts: bool,
  PublishMode: text,
  ReadonlyRootfs: bool,
  SecurityOpt: texts,
  StorageOpt: labels,
  Tmpfs: labels,
  UTSMode: text,
  UsernsMode: text,
  ShmSize: int,
  Sysctls: labels,
  Runtime: text,
  Mounts: v.array(mount, "[]mount.Mount"),
  MaskedPaths: texts,
  ReadonlyPaths: texts,
  Init: bool,
});

const endpoint = shape({
  IPAMConfig: shape({ IPv4Address: text, IPv6Address: text }),
  Links: texts,
  Aliases: texts,
  NetworkID: text,
  MacAddress: text,
  DriverOpts: labels,
});

const config = {
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: bool,
  AttachStdout: bool,
  AttachStderr: bool,
  ExposedPorts: emptyObjects,
  Tty: bool,
  OpenStdin: bool,
  StdinOnce: bool,
  Env: texts,
  Cmd: command,
  Entrypoint: command,
  Image: text,
  Volumes: emptyObjects,
  WorkingDir: text,
  NetworkDisabled: bool,
  MacAddress: text,
  OnBuild: texts,
  Labels: labels,
  StopSignal: text,
  StopTimeout: int,
  Healthcheck: anything,
  Shell: command,
};

/** `MacAddress` is that of clients before 1.44; api/versions.ts moves it to where it belongs. */
export const containerCreate = shape({
  ...config,
  HostConfig: hostConfig,
  NetworkingConfig: shape({ EndpointsConfig: map(endpoint, {}) }),
});

export type ContainerCreateBody = v.InferOutput<typeof containerCreate>;

export const commitConfig = shape(config);

export const containerUpdate = shape({ ...resources, RestartPolicy: restartPolicy });

/** `CheckDuplicate` of clients before 1.44 is ignored: names are unique here. */
export const networkCreate = shape({
  Name: text,
  Driver: text,
  Scope: text,
  Internal: bool,
  Attachable: bool,
  Ingress: bool,
  ConfigOnly: bool,
  ConfigFrom: shape({ Network: text }),
  EnableIPv4: bool,
  EnableIPv6: bool,
  IPAM: shape({
    Driver: text,
    Options: labels,
    Config: v.array(
      shape({ Subnet: text, IPRange: text, Gateway: text, AuxiliaryAddresses: labels }),
      "[]network.IPAMConfig",
    ),
  }),
  Options: labels,
  Labels: labels,
});

export const networkConnect = shape({ Container: text, EndpointConfig: endpoint });

export const networkDisconnect = shape({ Container: text, Force: bool });

/** Ours: what a prune that only tells takes for gone. */
export const pruneWish = shape({ Without: v.array(text) });

/** `ClusterVolumeSpec` of Swarm is nothing here. */
export const volumeCreate = shape({ Name: text, Driver: text, DriverOpts: labels, Labels: labels });

export const execCreate = shape({
  AttachStdin: bool,
  AttachStdout: bool,
  AttachStderr: bool,
  ConsoleSize: consoleSize,
  DetachKeys: text,
  Tty: bool,
  Env: texts,
  Cmd: command,
  Privileged: bool,
  User: text,
  WorkingDir: text,
});

export const execStart = shape({ Detach: bool, Tty: bool, ConsoleSize: consoleSize });
