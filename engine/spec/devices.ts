import type { HostConfig } from "../../base/docker/host_config.ts";
import type { DeviceMapping } from "../../base/docker/resources.ts";
import { invalid } from "../../base/errors.ts";
import type { DeviceRule } from "../../cgroup/cgroup.ts";
import { containerRules, deviceRule, parseDeviceRule } from "../../cgroup/device_rules.ts";
import type { DeviceSpec } from "../../runtime/container_spec.ts";
import { S, stat } from "../../sys/attributes.ts";
import { CWD } from "../../sys/fd.ts";
import { isErrno } from "../../sys/syscall_error.ts";

/** The device nodes that a container gets, and the rules that let it use them. */
export interface ContainerDevices {
  readonly nodes: readonly DeviceSpec[];
  readonly rules: readonly DeviceRule[];
}

/**
 * `--gpus`: devices by what they can do, which a driver would have to find.
 * @throws `invalid` in Docker's words, for there is no driver
 */
export function refuseDeviceRequests({ DeviceRequests }: Pick<HostConfig, "DeviceRequests">): void {
  const [request] = DeviceRequests ?? [];
  if (request === undefined) return;
  const { Driver = "", Capabilities = [] } = request as { Driver?: string; Capabilities?: string[][] };
  const wanted = Capabilities.map((all) => `[${all.join(" ")}]`).join(" ");
  throw invalid(`could not select device driver "${Driver}" with capabilities: [${wanted}]`);
}

interface Node {
  readonly path: string;
  readonly type: "b" | "c";
  readonly major: number;
  readonly minor: number;
}

/**
 * Resolves `--device` (a folder stands for all nodes below it) and `--privileged` (all nodes of the host).
 * @throws `invalid` for a path that is no device, with Docker's sentence.
 */
export function containerDevices(
  config: Pick<HostConfig, "Devices" | "DeviceCgroupRules" | "Privileged">,
): ContainerDevices {
  const { Devices, DeviceCgroupRules, Privileged } = config;
  if (Privileged) {
    const nodes = hostNodes("/dev").map(({ path }) => ({ source: path, target: path }));
    return { nodes, rules: containerRules({ privileged: true, extra: [] }) };
  }
  const nodes: DeviceSpec[] = [];
  const granted: DeviceRule[] = [];
  for (const mapping of Devices ?? []) {
    for (const node of nodesOf(mapping)) {
      nodes.push({ source: node.path, target: mapping.PathInContainer + node.path.slice(mapping.PathOnHost.length) });
      const { type, major, minor } = node;
      granted.push(deviceRule(type, major, minor, mapping.CgroupPermissions || "rwm"));
    }
  }
  return {
    nodes,
    rules: [
      ...containerRules({ privileged: false, extra: (DeviceCgroupRules ?? []).map(parseDeviceRule) }),
      ...granted,
    ],
  };
}

function nodesOf({ PathOnHost, CgroupPermissions }: DeviceMapping): Node[] {
  if (!/^[rwm]*$/.test(CgroupPermissions ?? "")) throw invalid(`invalid device mode: ${CgroupPermissions}`);
  const nodes = isFolder(PathOnHost)
    ? hostNodes(PathOnHost)
    : [nodeAt(PathOnHost)].filter((node) => node !== undefined);
  if (nodes.length === 0) {
    throw invalid(`error gathering device information while adding custom device "${PathOnHost}": not a device node`);
  }
  return nodes;
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw invalid(
      `error gathering device information while adding custom device "${path}": no such file or directory`,
      { cause },
    );
  }
}

/** The device node at a path, symlinks followed (`/dev/disk/by-id/…`); its own name is kept. */
function nodeAt(path: string): Node | undefined {
  try {
    const { mode, major, minor } = stat(CWD, Deno.realPathSync(path));
    const kind = mode & S.IFMT;
    if (kind !== S.IFBLK && kind !== S.IFCHR) return undefined;
    return { path, type: kind === S.IFBLK ? "b" : "c", major, minor };
  } catch (error) {
    if (isErrno(error, "ENOENT") || error instanceof Deno.errors.NotFound) return undefined; // unplugged meanwhile
    throw error;
  }
}

/** What a container makes by itself, or must not share. */
const OWN = /^\/dev\/(console|ptmx|fd|stdin|stdout|stderr|core|pts|shm|mqueue|null|zero|full|random|urandom|tty)$/;

function hostNodes(folder: string): Node[] {
  return [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (OWN.test(path) || entry.isSymlink) return [];
    return entry.isDirectory ? hostNodes(path) : nodeAt(path) ?? [];
  });
}
