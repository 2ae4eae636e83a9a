import type { ContainerCreate, ContainerCreated } from "../../base/docker/container.ts";
import type { HostConfig } from "../../base/docker/host_config.ts";
import type { NetworkSettings } from "../../base/docker/network.ts";
import { conflict, invalid, notFound } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import { checkName, randomId } from "../../base/names.ts";
import { parseSignal } from "../../base/signals.ts";
import { now } from "../../base/timestamps.ts";
import { checkResources } from "../../cgroup/check_resources.ts";
import { createWritable, removeWritable } from "../../fs/writable.ts";
import type { StoredImage } from "../../image/store.ts";
import { parseUlimit } from "../../runtime/rlimits.ts";
import { checkSysctls } from "../../runtime/sysctls.ts";
import type { ContainerRecord } from "../container_record.ts";
import { checkedLinks } from "../networks/links.ts";
import { wishedSettings } from "../networks/wishes.ts";
import { checkLogOptions } from "../log/log.ts";
import type { Parts } from "../parts.ts";
import { containerDevices, refuseDeviceRequests } from "../spec/devices.ts";
import { checkSources, mountPoint } from "../spec/mount_specs.ts";
import { plannedMounts, requestedMounts } from "../spec/mounts.ts";
import { inheritedMounts } from "../spec/volumes_from.ts";
import { imagesOf } from "../spec/image_mounts.ts";
import { VolumeClaim } from "../volumes/claim.ts";
import { checkNamespaceModes, sharedWith } from "../spec/namespaces.ts";
import { containerCapabilities, parseSecurityOptions } from "../spec/security_options.ts";
import { Container } from "./container.ts";
import { publishContainerEvent } from "./container_event.ts";
import { containerFolders } from "./folders.ts";
import { commandLine, completeHostConfig, mergeConfig } from "./merge_config.ts";
import { writeNetworkFiles } from "./write_network_files.ts";

/**
 * Makes a container: everything is checked first, then its folder, then its row. What fails leaves nothing.
 * @throws `not_found` for the image, `conflict` for the name, `invalid` for the rest; with Docker's sentences.
 */
export async function createContainer(
  parts: Parts,
  request: ContainerCreate,
  wantedName: string | undefined,
  platform: string | undefined,
): Promise<ContainerCreated> {
  if (wantedName !== undefined) checkName(wantedName);
  if (request.Hostname && request.HostConfig?.UTSMode === "host") {
    throw invalid("conflicting options: hostname and the UTS mode");
  }
  const image = findImage(parts, request.Image ?? "", platform);
  const id = randomId();
  const { hostConfig, warnings } = checkedHostConfig(parts, request.HostConfig ?? {});
  const config = mergeConfig(request, image.config.config ?? {}, id);
  if (hostConfig.NetworkMode === "host" && !request.Hostname) config.Hostname = Deno.hostname();
  const shared = sharedWith(hostConfig.NetworkMode, parts.containers);
  if (shared !== undefined) {
    if (request.Hostname) throw conflict("conflicting options: hostname and the network mode");
    Object.assign(config, { Hostname: shared.record.config.Hostname, Domainname: shared.record.config.Domainname });
  }
  const networkSettings = wishedSettings(parts.networks, request, hostConfig);
  hostConfig.Links = checkedLinks(parts, hostConfig);
  const command = commandLine(config);
  if (config.StopSignal !== undefined) parseSignal(config.StopSignal);
  const plans = imagesOf(
    parts,
    plannedMounts(hostConfig, config, inheritedMounts(parts, hostConfig.VolumesFrom ?? [])),
  );
  checkSources(plans);

  const name = parts.containers.reserve(wantedName?.replace(/^\//, ""), id);
  using undo = new DisposableStack();
  undo.defer(() => parts.containers.release(name));
  undo.defer(() => removeWritable(parts.settings.root, id));
  createWritable(parts.settings.root, id, { host: image.host ?? false });
  failpoint("create.writable");
  using claim = await VolumeClaim.of(parts, plans, image);
  failpoint("create.volumes");
  // What was there before the volumes were filled may have gone since.
  if (parts.images.resolve(image.id)?.id !== image.id) findImage(parts, image.id, undefined);
  const record: ContainerRecord = {
    id,
    name,
    created: now(),
    imageId: image.id,
    config,
    hostConfig,
    command,
    mounts: claim.plans.map((plan) => mountPoint(parts.settings.root, plan)),
    mountPlans: claim.plans,
    networkSettings,
    chosenMacs: chosenMacs(networkSettings),
    platform: "linux",
    restartCount: 0,
    state: { status: "created", error: "", exitCode: 0 },
  };
  const container = new Container(record, containerFolders(parts.settings, id), parts.table);
  writeNetworkFiles(parts, container);
  failpoint("create.files");
  claim.store(() => parts.table.insert(record));
  undo.defer(() => claim.takeBack());
  undo.defer(() => parts.table.delete(id));
  failpoint("create.row");
  undo.move();
  parts.containers.add(container);
  publishContainerEvent(parts, container, "create");
  const { Test = [] } = (request.Healthcheck ?? {}) as { Test?: string[] };
  if (Test.length > 0 && Test[0] !== "NONE") {
    warnings.push("Health checks are not served yet: nobody looks at the health of the container.");
  }
  return { Id: id, Warnings: warnings };
}

/** The addresses that the user has said are kept where a run does not overwrite them. */
function chosenMacs({ Networks }: NetworkSettings): Record<string, string> {
  const chosen = Object.entries(Networks).map(([name, { MacAddress = "" }]) => [name, MacAddress]);
  return Object.fromEntries(chosen.filter(([, mac]) => mac !== ""));
}

function findImage(parts: Parts, name: string, platform: string | undefined): StoredImage {
  if (name === "") throw invalid("config cannot be empty in order to create a container: Image is missing");
  const image = parts.images.resolve(name);
  if (image === undefined) {
    throw notFound(`No such image: ${/[:@]/.test(name.split("/").at(-1) ?? "") ? name : `${name}:latest`}`);
  }
  const wanted = platform?.split("/") ?? [];
  if (wanted.length > 0 && (wanted[0] !== "linux" || (wanted[1] !== undefined && wanted[1] !== image.architecture))) {
    throw notFound(
      `image with reference ${name} was found but does not match the specified platform: ` +
        `wanted ${platform}, actual: linux/${image.architecture}`,
    );
  }
  return image;
}

/** The host part of a request, complete and checked; nothing of the kernel is touched. */
function checkedHostConfig(parts: Parts, request: Partial<HostConfig>): { hostConfig: HostConfig; warnings: string[] } {
  const { resources, warnings } = checkResources(request, parts.cgroups.machine());
  const hostConfig = completeHostConfig({ ...request, ...resources });
  checkNamespaceModes(hostConfig);
  // By its id: a name may be another's tomorrow.
  for (const mode of ["NetworkMode", "PidMode", "IpcMode"] as const) {
    const other = sharedWith(hostConfig[mode], parts.containers);
    if (other !== undefined) hostConfig[mode] = `container:${other.id}`;
  }
  containerCapabilities(hostConfig);
  parseSecurityOptions(hostConfig.SecurityOpt ?? [], hostConfig.Privileged);
  hostConfig.Ulimits?.forEach(parseUlimit);
  checkSysctls(hostConfig.Sysctls ?? {}, {
    hostNetwork: hostConfig.NetworkMode === "host",
    hostIpc: hostConfig.IpcMode === "host",
    hostUts: hostConfig.UTSMode === "host",
  });
  checkLogOptions(hostConfig.LogConfig.Type, hostConfig.LogConfig.Config);
  checkRestartPolicy(hostConfig);
  requestedMounts(hostConfig);
  containerDevices(hostConfig);
  refuseDeviceRequests(hostConfig);
  const { NetworkMode, PortBindings } = hostConfig;
  if (NetworkMode === "host" && Object.keys(PortBindings).length > 0) {
    warnings.push("Published ports are discarded when using host network mode");
  }
  return { hostConfig, warnings };
}

/** @throws `invalid` for a policy that Docker does not have. */
export function checkRestartPolicy(
  { RestartPolicy, AutoRemove }: Pick<HostConfig, "RestartPolicy" | "AutoRemove">,
): void {
  const { Name, MaximumRetryCount } = RestartPolicy;
  if (!["no", "always", "unless-stopped", "on-failure"].includes(Name)) {
    throw invalid(
      `invalid restart policy: unknown policy '${Name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    );
  }
  if (Name !== "on-failure" && MaximumRetryCount !== 0) {
    throw invalid(`invalid restart policy: maximum retry count can only be used with 'on-failure'`);
  }
  if (MaximumRetryCount < 0) throw invalid("invalid restart policy: maximum retry count cannot be negative");
  if (AutoRemove && Name !== "no") throw conflict("can't create 'AutoRemove' container with restart policy");
}
