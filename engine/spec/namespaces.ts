import type { HostConfig } from "../../base/docker/host_config.ts";
import { conflict, invalid, unimplemented } from "../../base/errors.ts";
import type { NamespaceSpecs, ShmSpec } from "../../runtime/container_spec.ts";
import type { Fd } from "../../sys/fd.ts";
import { O } from "../../sys/open.ts";
import type { Container } from "../containers/container.ts";
import type { ContainerRegistry } from "../container_registry.ts";

type Modes = Pick<
  HostConfig,
  "NetworkMode" | "PidMode" | "IpcMode" | "UTSMode" | "CgroupnsMode" | "Privileged" | "UsernsMode"
>;

/** @throws `invalid` for a mode that is not one of Docker's, `unimplemented` for what is not served yet. */
export function checkNamespaceModes(modes: Modes): void {
  const { NetworkMode, PidMode, IpcMode, UTSMode, CgroupnsMode, UsernsMode } = modes;
  if (!/^(|host|container:.+)$/.test(PidMode)) throw invalid(`invalid PID mode: ${PidMode}`);
  if (!/^(none|private|shareable|host|container:.+)$/.test(IpcMode)) throw invalid(`invalid IPC mode: ${IpcMode}`);
  if (!/^(|host)$/.test(UTSMode)) throw invalid(`invalid UTS mode: ${UTSMode}`);
  if (!/^(private|host)$/.test(CgroupnsMode)) throw invalid(`invalid cgroup namespace mode: ${CgroupnsMode}`);
  if (!/^(|host)$/.test(UsernsMode)) throw unimplemented(`user namespaces are not served yet: ${UsernsMode}`);
  if (NetworkMode === "container:") throw invalid("invalid container format container:<name|id>");
}

/** The container that `container:x` refers to, in the state that sharing its namespaces needs. */
export function sharedWith(mode: string, containers: ContainerRegistry): Container | undefined {
  if (!mode.startsWith("container:")) return undefined;
  return containers.get(mode.slice("container:".length));
}

/**
 * The namespaces of a start; those of other containers are opened, and the caller closes them with `opened`.
 * @throws `conflict` when a container whose namespace is to be joined does not run.
 */
export function namespaceSpecs(modes: Modes, containers: ContainerRegistry, opened: DisposableStack): NamespaceSpecs {
  const join = (mode: string, kind: string): Fd => {
    const other = sharedWith(mode, containers);
    if (kind === "ipc" && other !== undefined) checkShareable(other);
    return opened.use(openNamespace(other, kind));
  };
  const own = (mode: string, kind: string) =>
    mode === "host" ? "host" : mode.startsWith("container:") ? join(mode, kind) : "new";
  return {
    net: own(modes.NetworkMode, "net"),
    pid: own(modes.PidMode, "pid"),
    ipc: own(modes.IpcMode, "ipc"),
    uts: modes.UTSMode === "host" ? "host" : "new",
    cgroup: modes.CgroupnsMode === "host" ? "host" : "new",
  };
}

/** @throws `conflict` when the container does not run. */
function openNamespace(container: Container | undefined, kind: string): Fd {
  if (container?.running === undefined) {
    throw conflict(`cannot join ${kind} namespace of a non running container: ${container?.id}`);
  }
  return container.running.openProc(`ns/${kind}`, O.RDONLY);
}

/** Shared memory goes with the IPC namespace: Docker's rule is that the one that lends it has said so. */
function checkShareable({ id, record: { hostConfig: { IpcMode } } }: Container): void {
  if (IpcMode !== "private" && IpcMode !== "none") return;
  throw invalid(`container ${id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`);
}

/** What lies at /dev/shm. Descriptors in it are closed with `opened`. */
export function sharedMemory(
  { IpcMode, ShmSize }: Pick<HostConfig, "IpcMode" | "ShmSize">,
  containers: ContainerRegistry,
  opened: DisposableStack,
): { shm?: ShmSpec } {
  if (IpcMode === "none") return {};
  if (IpcMode === "host") return { shm: { bind: "/dev/shm" } };
  const other = sharedWith(IpcMode, containers);
  return { shm: other === undefined ? { size: ShmSize } : { of: opened.use(openNamespace(other, "mnt")) } };
}
