/** What the flags of `run` and `create` mean, as the body of Docker's `POST /containers/create`. */
import type { ContainerConfig, ContainerCreate } from "../base/docker/container.ts";
import type { HostConfig } from "../base/docker/host_config.ts";
import type { Resources } from "../base/docker/resources.ts";
import { invalid } from "../base/errors.ts";
import type { ContainerFlags } from "./container_flags.ts";
import { parseAddHost } from "./specs/address.ts";
import { parseDevice, parseWeightDevice } from "./specs/device.ts";
import { keyValues, readEnvironment, readLabels } from "./specs/environment.ts";
import { parseHealth } from "./specs/health.ts";
import { checkModes } from "./specs/modes.ts";
import { parseMount } from "./specs/mount.ts";
import { parseNetworks } from "./specs/network.ts";
import { parsePorts } from "./specs/ports.ts";
import { parseRestartPolicy } from "./specs/restart.ts";
import { parseSecurity } from "./specs/security.ts";
import { parseByteRate, parseOperationRate } from "./specs/throttle.ts";
import { parseUlimit } from "./specs/ulimit.ts";
import { parseTmpfs, parseVolumes } from "./specs/volume.ts";

/** What a conversion takes from its surroundings. */
export interface Surroundings {
  env(name: string): string | undefined;
  /** Rows and columns of the terminal; [0, 0] without one. */
  readonly consoleSize: readonly [number, number];
}

/** `args` are the image and the command. @throws `invalid` with docker's sentence. */
export function containerCreate(
  flags: ContainerFlags,
  args: readonly string[],
  surroundings: Surroundings,
): ContainerCreate {
  const [image = "", ...command] = args;
  checkModes(flags);
  const ports = parsePorts(flags.publish, flags.expose);
  const volumes = parseVolumes(flags.volume);
  const networks = parseNetworks(flags);
  return {
    ...processConfig(flags, surroundings),
    ...streamConfig(flags),
    Cmd: command.length === 0 ? null : command,
    Image: image,
    Volumes: volumes.anonymous,
    ...Object.keys(ports.exposed).length > 0 && { ExposedPorts: ports.exposed },
    HostConfig: {
      ...hostConfig(flags, surroundings),
      ...resources(flags),
      Binds: volumes.binds,
      PortBindings: ports.bindings,
      NetworkMode: networks.mode,
    },
    NetworkingConfig: { EndpointsConfig: networks.endpoints },
  };
}

/** Without `-d` and `-a` all streams are attached, stdin only with `-i`. */
function streamConfig(flags: ContainerFlags): Partial<ContainerConfig> {
  const named = flags.attach.map((name) => name.toLowerCase());
  const attached = named.length > 0 ? named : ["stdout", "stderr", ...flags.interactive ? ["stdin"] : []];
  const AttachStdin = attached.includes("stdin");
  return {
    AttachStdin,
    AttachStdout: attached.includes("stdout"),
    AttachStderr: attached.includes("stderr"),
    Tty: flags.tty,
    OpenStdin: flags.interactive,
    StdinOnce: flags.interactive && AttachStdin,
  };
}

function processConfig(flags: ContainerFlags, { env }: Surroundings): Partial<ContainerConfig> {
  const health = parseHealth(flags);
  const { entrypoint, "stop-signal": signal, "stop-timeout": timeout } = flags;
  return {
    Hostname: flags.hostname,
    Domainname: flags.domainname,
    User: flags.user,
    Env: readEnvironment(flags["env-file"], flags.env, env),
    Entrypoint: entrypoint === undefined ? null : [entrypoint],
    WorkingDir: flags.workdir,
    OnBuild: null,
    Labels: readLabels(flags["label-file"], flags.label),
    ...signal !== undefined && { StopSignal: signal },
    ...timeout !== undefined && { StopTimeout: timeout },
    ...health !== undefined && { Healthcheck: health },
  };
}

function hostConfig(flags: ContainerFlags, { consoleSize }: Surroundings): Partial<HostConfig> {
  const policy = parseRestartPolicy(flags.restart);
  if (flags.rm && policy.Name !== "no" && policy.Name !== "") {
    throw invalid("conflicting options: cannot specify both --restart and --rm");
  }
  const security = parseSecurity(flags["security-opt"]);
  return {
    ContainerIDFile: flags.cidfile,
    LogConfig: logConfig(flags),
    RestartPolicy: policy,
    AutoRemove: flags.rm,
    VolumeDriver: flags["volume-driver"],
    VolumesFrom: listOrNull(flags["volumes-from"]),
    ConsoleSize: [...consoleSize],
    ...flags.annotation.length > 0 && { Annotations: keyValues(flags.annotation) },
    CapAdd: listOrNull(flags["cap-add"]),
    CapDrop: listOrNull(flags["cap-drop"]),
    CgroupnsMode: flags.cgroupns,
    Dns: [...flags.dns],
    DnsOptions: [...flags["dns-option"]],
    DnsSearch: [...flags["dns-search"]],
    ExtraHosts: listOrNull(flags["add-host"].map(parseAddHost)),
    GroupAdd: listOrNull(flags["group-add"]),
    IpcMode: flags.ipc,
    Links: listOrNull(flags.link),
    OomScoreAdj: flags["oom-score-adj"],
    PidMode: flags.pid,
    Privileged: flags.privileged,
    PublishAllPorts: flags["publish-all"],
    ...flags["publish-mode"] !== "" && { PublishMode: flags["publish-mode"] },
    ReadonlyRootfs: flags["read-only"],
    SecurityOpt: listOrNull(security.options),
    ...flags["storage-opt"].length > 0 && { StorageOpt: keyValues(flags["storage-opt"]) },
    ...flags.tmpfs.length > 0 && { Tmpfs: parseTmpfs(flags.tmpfs) },
    UTSMode: flags.uts,
    UsernsMode: flags.userns,
    ShmSize: flags["shm-size"],
    ...flags.sysctl.length > 0 && { Sysctls: keyValues(flags.sysctl) },
    Runtime: flags.runtime,
    ...flags.mount.length > 0 && { Mounts: flags.mount.map(parseMount) },
    ...security.systemPaths && { MaskedPaths: [], ReadonlyPaths: [] },
    ...flags.init !== undefined && { Init: flags.init },
  };
}

function logConfig(flags: ContainerFlags): HostConfig["LogConfig"] {
  if (flags["log-driver"] === "none" && flags["log-opt"].length > 0) {
    throw invalid("invalid logging opts for driver none");
  }
  return { Type: flags["log-driver"], Config: keyValues(flags["log-opt"]) };
}

function resources(flags: ContainerFlags): Partial<Resources> {
  const swappiness = flags["memory-swappiness"];
  if (swappiness !== -1 && (swappiness < 0 || swappiness > 100)) {
    throw invalid(`invalid value: ${swappiness}. Valid memory swappiness range is 0-100`);
  }
  return {
    CpuShares: flags["cpu-shares"],
    Memory: flags.memory,
    NanoCpus: flags.cpus,
    CgroupParent: flags["cgroup-parent"],
    BlkioWeight: flags["blkio-weight"],
    BlkioWeightDevice: flags["blkio-weight-device"].map(parseWeightDevice),
    BlkioDeviceReadBps: flags["device-read-bps"].map(parseByteRate),
    BlkioDeviceWriteBps: flags["device-write-bps"].map(parseByteRate),
    BlkioDeviceReadIOps: flags["device-read-iops"].map(parseOperationRate),
    BlkioDeviceWriteIOps: flags["device-write-iops"].map(parseOperationRate),
    CpuPeriod: flags["cpu-period"],
    CpuQuota: flags["cpu-quota"],
    CpuRealtimePeriod: flags["cpu-rt-period"],
    CpuRealtimeRuntime: flags["cpu-rt-runtime"],
    CpusetCpus: flags["cpuset-cpus"],
    CpusetMems: flags["cpuset-mems"],
    Devices: flags.device.map(parseDevice),
    DeviceCgroupRules: listOrNull(flags["device-cgroup-rule"]),
    DeviceRequests: null,
    MemoryReservation: flags["memory-reservation"],
    MemorySwap: flags["memory-swap"],
    MemorySwappiness: swappiness === -1 ? null : swappiness,
    OomKillDisable: flags["oom-kill-disable"],
    PidsLimit: flags["pids-limit"] ?? null,
    Ulimits: flags.ulimit.map(parseUlimit),
  };
}

function listOrNull(list: readonly string[]): string[] | null {
  return list.length === 0 ? null : [...list];
}
