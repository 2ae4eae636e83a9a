import type { Settings } from "../../base/settings.ts";
import type { SystemInfo } from "../../base/docker/system.ts";
import { now } from "../../base/timestamps.ts";
import { version } from "../../base/version.ts";
import type { ResourceMachine } from "../../cgroup/machine.ts";
import type { LifecycleState } from "../container_record.ts";
import { engineId, fileSystemOf, forwardsIpv4, operatingSystem } from "./host.ts";
import { containerStatus } from "./status_text.ts";

/** What the report is made of. */
export interface InfoParts {
  readonly settings: Pick<Settings, "root" | "insecureRegistries" | "registryMirrors">;
  readonly containers: Iterable<{ readonly state: LifecycleState }>;
  readonly images: { list(options: { all: boolean }): Promise<readonly unknown[]> };
  readonly cgroups: { machine(): ResourceMachine };
  readonly events: { readonly listeners: number };
}

/** `GET /info`. */
export async function systemInfo(parts: InfoParts): Promise<SystemInfo> {
  const { root } = parts.settings;
  const machine = parts.cgroups.machine();
  const system = operatingSystem();
  return {
    ID: await engineId(root),
    EnginePid: Deno.pid,
    ...containerCounts(parts.containers),
    Images: (await parts.images.list({ all: true })).length,
    Driver: "overlay2",
    DriverStatus: [["Backing Filesystem", fileSystemOf(root)], ["Supports d_type", "true"]],
    DockerRootDir: root,
    Plugins: {
      Volume: ["local"],
      Network: ["bridge", "host", "ipvlan", "macvlan", "null"],
      Authorization: null,
      Log: ["json-file", "local", "none"],
    },
    ...abilities(machine),
    IPv4Forwarding: forwardsIpv4(),
    Debug: false,
    NFd: [...Deno.readDirSync("/proc/self/fd")].length,
    NGoroutines: 0,
    SystemTime: now(),
    LoggingDriver: "json-file",
    CgroupDriver: "cgroupfs",
    CgroupVersion: String(machine.version),
    NEventsListener: parts.events.listeners,
    KernelVersion: Deno.osRelease(),
    OperatingSystem: system.name,
    OSVersion: system.version,
    OSType: "linux",
    Architecture: Deno.build.arch,
    IndexServerAddress: "https://index.docker.io/v1/",
    RegistryConfig: {
      InsecureRegistryCIDRs: (parts.settings.insecureRegistries ?? []).filter((one) => one.includes("/")),
      IndexConfigs: {},
      Mirrors: [...parts.settings.registryMirrors ?? []],
    },
    NCPU: machine.cpus,
    MemTotal: Deno.systemMemoryInfo().total,
    GenericResources: null,
    HttpProxy: "",
    HttpsProxy: "",
    NoProxy: "",
    Name: Deno.hostname(),
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: version,
    Runtimes: { sauropod: { path: "" } },
    DefaultRuntime: "sauropod",
    Swarm: {
      NodeID: "",
      NodeAddr: "",
      LocalNodeState: "inactive",
      ControlAvailable: false,
      Error: "",
      RemoteManagers: null,
    },
    LiveRestoreEnabled: true, // containers outlive the engine, always
    Isolation: "",
    InitBinary: "",
    SecurityOptions: ["name=seccomp,profile=builtin", "name=cgroupns"],
    Warnings: warnings(machine),
  };
}

function containerCounts(containers: InfoParts["containers"]) {
  const statuses = Array.from(containers, ({ state }) => containerStatus(state));
  const count = (...wanted: string[]) => statuses.filter((status) => wanted.includes(status)).length;
  const [running, paused] = [count("running", "restarting"), count("paused")];
  return {
    Containers: statuses.length,
    ContainersRunning: running,
    ContainersPaused: paused,
    ContainersStopped: statuses.length - running - paused,
  };
}

/** Which limits this machine can keep. */
function abilities(machine: ResourceMachine): Record<string, boolean> {
  return {
    MemoryLimit: machine.memory,
    SwapLimit: machine.swap,
    CpuCfsPeriod: machine.cpuQuota,
    CpuCfsQuota: machine.cpuQuota,
    CPUShares: machine.cpuShares,
    CPUSet: machine.cpuset,
    PidsLimit: machine.pids,
    OomKillDisable: machine.oomKillDisable,
  };
}

/** What a user will miss, in Docker's words. */
function warnings(machine: ResourceMachine): string[] {
  const rows: [boolean, string][] = [
    [machine.memory, "WARNING: No memory limit support"],
    [machine.swap, "WARNING: No swap limit support"],
    [machine.oomKillDisable || machine.version === 2, "WARNING: No oom kill disable support"],
    [machine.cpuQuota, "WARNING: No cpu cfs quota support"],
    [machine.cpuQuota, "WARNING: No cpu cfs period support"],
    [machine.cpuShares, "WARNING: No cpu shares support"],
    [machine.cpuset, "WARNING: No cpuset support"],
    [machine.pids, "WARNING: No pids limit support"],
    [machine.blkioWeight, "WARNING: No blkio weight support"],
    [machine.blkioThrottle, "WARNING: No blkio throttle support"],
  ];
  return rows.filter(([has]) => !has).map(([, warning]) => warning);
}
