/** From a container's record to the plain data that the tape is written from. */
import { conflict, unavailable } from "../../base/errors.ts";
import { fileExists } from "../../base/file_exists.ts";
import type { Cgroup } from "../../cgroup/cgroup.ts";
import { Merged } from "../../fs/merged.ts";
import type { StoredImage } from "../../image/store.ts";
import type { ContainerSpec, FilesSpec, MountSpec, RootSpec } from "../../runtime/container_spec.ts";
import { MASKED_PATHS, READ_ONLY_PATHS, thermalThrottlePaths } from "../../runtime/masked_paths.ts";
import type { ResolvedUser } from "../../runtime/users.ts";
import { sysctlPath } from "../../runtime/sysctls.ts";
import type { Container } from "../containers/container.ts";
import type { ContainerRecord } from "../container_record.ts";
import type { MountPlan } from "../mount_plan.ts";
import { linkEnvironment } from "../networks/links.ts";
import type { Fd } from "../../sys/fd.ts";
import type { Parts } from "../parts.ts";
import { userInLayers } from "./accounts.ts";
import { entryOf } from "./cgroup_entry.ts";
import { containerDevices } from "./devices.ts";
import { environment } from "./environment.ts";
import { mountSpecs, refuseIncomplete } from "./mount_specs.ts";
import { plannedMounts } from "./mounts.ts";
import { namespaceSpecs, sharedMemory, sharedWith } from "./namespaces.ts";
import { processSpec, workingDirectory } from "./process_spec.ts";

/**
 * The container as the tape needs it. Descriptors in it (namespaces to join, cgroups) are closed with `opened`.
 * `network` is the namespace that was prepared for it.
 */
export function containerSpec(
  parts: Parts,
  container: Container,
  { cgroup, network }: { readonly cgroup?: Cgroup; readonly network?: Fd | undefined },
  opened: DisposableStack,
): ContainerSpec {
  const { record } = container;
  const { config, hostConfig } = record;
  const root = rootSpec(parts, record);
  const user = userOf(container, root);
  const env = environment({
    env: [...linkEnvironment(parts, record), ...config.Env],
    hostname: config.Hostname,
    home: user.home,
    terminal: config.Tty,
  });
  return {
    id: record.id,
    root,
    namespaces: { ...namespaceSpecs(hostConfig, parts.containers, opened), ...network && { net: network } },
    hostname: config.Hostname,
    domainname: config.Domainname,
    cgroup: cgroup === undefined ? { tasks: [] } : entryOf(cgroup, opened),
    cgroupMounts: parts.cgroups.mounts(),
    mounts: [...networkFileMounts(parts, container), ...mountSpecs(parts, plansOf(record), user, opened)],
    devices: containerDevices(hostConfig).nodes,
    privileged: hostConfig.Privileged,
    ...guardedPaths(hostConfig),
    ...sharedMemory(hostConfig, parts.containers, opened),
    sysctls: Object.fromEntries(
      Object.entries(hostConfig.Sysctls ?? {}).map(([name, value]) => [sysctlPath(name), value]),
    ),
    init: hostConfig.Init ?? false,
    process: processSpec(
      { args: record.command, env, cwd: workingDirectory(config), user, terminal: config.Tty },
      hostConfig,
    ),
  };
}

/** The files of a container that does not run: its root, and what is mounted there and not only in memory. */
export function filesSpec(parts: Parts, container: Container, opened: DisposableStack): FilesSpec {
  const { record } = container;
  const root = rootSpec(parts, record);
  const plans = plansOf(record).filter(({ kind }) => kind !== "tmpfs");
  const needsUser = plans.some((plan) => (plan.kind === "bind" || plan.kind === "volume") && plan.idmap);
  const user = needsUser ? userOf(container, root) : { uid: 0, gid: 0 };
  const made = networkFileMounts(parts, container).filter((mount) => mount.kind !== "bind" || fileExists(mount.source));
  return { root, mounts: [...made, ...mountSpecs(parts, plans, user, opened)] };
}

/** The user that a container runs as, by the accounts that its image and itself have. */
export function userOf({ record, folders }: Container, { layersFolder, lowers, host }: RootSpec): ResolvedUser {
  const merged = new Merged(layersFolder, host ? [...lowers, "/"] : lowers, `${folders.home}/upper`);
  return userInLayers(record.config.User, record.hostConfig.GroupAdd ?? [], merged);
}

/** Records of engines that had no volumes do not say; they have binds and tmpfs only. */
function plansOf({ mountPlans, hostConfig }: ContainerRecord): readonly MountPlan[] {
  return mountPlans ?? plannedMounts(hostConfig, { Volumes: null }, []);
}

function imageOf(parts: Parts, { imageId, config }: ContainerRecord): StoredImage {
  const image = parts.images.resolve(imageId);
  if (image === undefined) throw unavailable(`the image ${config.Image} (${imageId}) of this container is gone`);
  refuseIncomplete(image, config.Image);
  return image;
}

export function rootSpec(parts: Parts, record: ContainerRecord): RootSpec {
  const { settings } = parts;
  const { id, hostConfig } = record;
  const image = imageOf(parts, record);
  const home = `../containers/${id}`;
  return {
    layersFolder: `${settings.root}/layers`,
    lowers: image.layers,
    ...image.host && { host: true },
    upper: `${home}/upper`,
    work: `${home}/work`,
    merged: `${home}/merged`,
    readonly: hostConfig.ReadonlyRootfs,
  };
}

/** Docker's three files; those of the container whose network it is. */
function networkFileMounts(parts: Parts, container: Container): MountSpec[] {
  const { hostConfig } = container.record;
  const { folders } = networkOwner(parts, container);
  const file = (source: string, target: string): MountSpec => {
    return { kind: "bind", source, target, directory: false, readonly: hostConfig.ReadonlyRootfs, recursive: false };
  };
  return [
    file(folders.resolvConf, "/etc/resolv.conf"),
    file(folders.hostname, "/etc/hostname"),
    file(folders.hosts, "/etc/hosts"),
  ];
}

/** A container that shares a network may share one that is shared itself. */
function networkOwner({ containers }: Parts, container: Container): Container {
  const seen = new Set([container]);
  for (let owner = container;;) {
    const next = sharedWith(owner.record.hostConfig.NetworkMode, containers);
    if (next === undefined) return owner;
    if (seen.has(next)) throw conflict(`container ${container.id} shares its own network`);
    seen.add(owner = next);
  }
}

const thermal = thermalThrottlePaths(Array(navigator.hardwareConcurrency).keys());

function guardedPaths({ Privileged, MaskedPaths, ReadonlyPaths }: ContainerRecord["hostConfig"]) {
  if (Privileged) return { maskedPaths: MaskedPaths ?? [], readonlyPaths: ReadonlyPaths ?? [] };
  return {
    maskedPaths: MaskedPaths ?? [...MASKED_PATHS.map(({ path }) => path), ...thermal],
    readonlyPaths: ReadonlyPaths ?? READ_ONLY_PATHS.map(({ path }) => path),
  };
}
