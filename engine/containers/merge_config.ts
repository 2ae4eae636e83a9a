import type { ContainerConfig, ContainerCreate } from "../../base/docker/container.ts";
import type { HostConfig } from "../../base/docker/host_config.ts";
import { invalid } from "../../base/errors.ts";

/** The part of an image's configuration that its containers take over. */
export type ImageDefaults = Partial<Omit<ContainerConfig, "Image">>;

/**
 * What a container will run: the request, completed from the image by Docker's rules. Variables, labels, ports and
 * volumes add up; an entrypoint in the request also takes the image's command away; `[""]` stands for no entrypoint.
 */
export function mergeConfig(request: ContainerCreate, image: ImageDefaults, id: string): ContainerConfig {
  const { Entrypoint, Cmd } = commandOf(request, image);
  const names = new Set((request.Env ?? []).map(variableName));
  const config: ContainerConfig = {
    Hostname: request.Hostname || id.slice(0, 12),
    Domainname: request.Domainname ?? "",
    User: request.User || image.User || "",
    AttachStdin: request.AttachStdin ?? false,
    AttachStdout: request.AttachStdout ?? false,
    AttachStderr: request.AttachStderr ?? false,
    Tty: request.Tty ?? false,
    OpenStdin: request.OpenStdin ?? false,
    StdinOnce: request.StdinOnce ?? false,
    Env: [...request.Env ?? [], ...(image.Env ?? []).filter((variable) => !names.has(variableName(variable)))],
    Cmd,
    Entrypoint,
    Image: request.Image ?? "",
    Volumes: orNull({ ...image.Volumes, ...request.Volumes }),
    WorkingDir: request.WorkingDir || image.WorkingDir || "",
    OnBuild: null,
    Labels: { ...image.Labels, ...request.Labels },
  };
  const ports = orNull({ ...image.ExposedPorts, ...request.ExposedPorts });
  if (ports !== null) config.ExposedPorts = ports;
  const signal = request.StopSignal || image.StopSignal;
  if (signal) config.StopSignal = signal;
  if (request.StopTimeout !== undefined) config.StopTimeout = request.StopTimeout;
  if (request.NetworkDisabled) config.NetworkDisabled = true;
  if (config.WorkingDir !== "" && !config.WorkingDir.startsWith("/")) {
    throw invalid(`the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`);
  }
  return config;
}

/** Executable and arguments. @throws `invalid` when neither image nor request say what to run. */
export function commandLine({ Entrypoint, Cmd }: Pick<ContainerConfig, "Entrypoint" | "Cmd">): [string, ...string[]] {
  const [program, ...args] = [...Entrypoint ?? [], ...Cmd ?? []];
  if (program === undefined) throw invalid("no command specified");
  return [program, ...args];
}

function commandOf(request: ContainerCreate, image: ImageDefaults): Pick<ContainerConfig, "Entrypoint" | "Cmd"> {
  let [entrypoint, command] = [request.Entrypoint ?? null, request.Cmd ?? null];
  if (!entrypoint?.length) {
    if (!command?.length) command = image.Cmd ?? null;
    entrypoint ??= image.Entrypoint ?? null;
  }
  if (entrypoint?.length === 1 && entrypoint[0] === "") entrypoint = null;
  return { Entrypoint: entrypoint, Cmd: command };
}

const variableName = (variable: string) => variable.split("=", 1)[0] ?? variable;

function orNull<T extends object>(map: T): T | null {
  return Object.keys(map).length > 0 ? map : null;
}

/** A request's host part with everything filled in that was left out. */
export function completeHostConfig(request: Partial<HostConfig>): HostConfig {
  const config: HostConfig = {
    Binds: null,
    ContainerIDFile: "",
    LogConfig: { Type: "", Config: {} },
    NetworkMode: "default",
    PortBindings: {},
    RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
    AutoRemove: false,
    VolumeDriver: "",
    VolumesFrom: null,
    ConsoleSize: [0, 0],
    CapAdd: null,
    CapDrop: null,
    CgroupnsMode: "private",
    Dns: [],
    DnsOptions: [],
    DnsSearch: [],
    ExtraHosts: null,
    GroupAdd: null,
    IpcMode: "private",
    Cgroup: "",
    Links: null,
    OomScoreAdj: 0,
    PidMode: "",
    Privileged: false,
    PublishAllPorts: false,
    ReadonlyRootfs: false,
    SecurityOpt: null,
    UTSMode: "",
    UsernsMode: "",
    ShmSize: 64 << 20,
    Runtime: "sauropod",
    CpuShares: 0,
    Memory: 0,
    NanoCpus: 0,
    CgroupParent: "",
    BlkioWeight: 0,
    BlkioWeightDevice: null,
    BlkioDeviceReadBps: null,
    BlkioDeviceWriteBps: null,
    BlkioDeviceReadIOps: null,
    BlkioDeviceWriteIOps: null,
    CpuPeriod: 0,
    CpuQuota: 0,
    CpuRealtimePeriod: 0,
    CpuRealtimeRuntime: 0,
    CpusetCpus: "",
    CpusetMems: "",
    Devices: null,
    DeviceCgroupRules: null,
    DeviceRequests: null,
    MemoryReservation: 0,
    MemorySwap: 0,
    MemorySwappiness: null,
    OomKillDisable: null,
    PidsLimit: null,
    Ulimits: null,
    MaskedPaths: null,
    ReadonlyPaths: null,
    ...request,
  };
  // Empty stands for the default; `?? ` would let it through.
  config.NetworkMode ||= "default";
  config.IpcMode ||= "private";
  config.CgroupnsMode ||= "private";
  config.ShmSize ||= 64 << 20;
  config.RestartPolicy = {
    Name: config.RestartPolicy.Name || "no",
    MaximumRetryCount: config.RestartPolicy.MaximumRetryCount ?? 0,
  };
  config.LogConfig = { Type: config.LogConfig.Type || "json-file", Config: config.LogConfig.Config ?? {} };
  return config;
}
