/**
 * The one place that knows what API versions 1.24 to 1.46 had otherwise than 1.47. The engine knows one shape: requests
 * of old clients are brought to it here, answers to them are brought back. Source: Docker's "API version history".
 */
import type { ContainerCreate, ContainerInspect } from "../base/docker/container.ts";
import type { ImageInspect, ImageSummary } from "../base/docker/image.ts";
import type { EndpointSettings, NetworkInspect } from "../base/docker/network.ts";
import type { SystemInfo } from "../base/docker/system.ts";
import { invalid } from "../base/errors.ts";
import type { ApiVersion } from "./api_version.ts";
import type { ContainerCreateBody } from "./schemas.ts";

type Mount = NonNullable<NonNullable<ContainerCreate["HostConfig"]>["Mounts"]>[number];

/** What a client of `version` means by its container, and what it should be told about that. */
export function createFrom(
  body: ContainerCreateBody,
  version: ApiVersion,
): { config: ContainerCreate; warnings: string[] } {
  const { MacAddress, HostConfig, NetworkingConfig, ...config } = body;
  const host = { ...HostConfig };
  // Old clients know no other kind and start others in its IPC namespace.
  if (version < 40) host.IpcMode ||= "shareable";
  if (version < 42) delete host.ConsoleSize;
  if (version < 43) delete host.Annotations;
  if (host.Mounts !== undefined) host.Mounts = host.Mounts.map((mount) => mountFrom(mount as Mount, version));
  if (version < 44 && config.Healthcheck !== undefined) {
    const { StartInterval: _added144, ...check } = config.Healthcheck;
    config.Healthcheck = check;
  }
  const endpoints: Record<string, EndpointSettings> = { ...NetworkingConfig?.EndpointsConfig };
  const warnings: string[] = [];
  if (version < 44 && Object.keys(endpoints).length > 1) {
    throw invalid(`container cannot be connected to network endpoints: ${Object.keys(endpoints).join(", ")}`);
  }
  if (MacAddress) {
    moveMacAddress(MacAddress, host.NetworkMode ?? "default", endpoints);
    if (version >= 44) {
      warnings.push(
        "The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.",
      );
    }
  }
  return {
    config: { ...config, HostConfig: host, NetworkingConfig: { EndpointsConfig: endpoints } } as ContainerCreate,
    warnings,
  };
}

function mountFrom(mount: Mount, version: ApiVersion): Mount {
  const { BindOptions, VolumeOptions, TmpfsOptions, ImageOptions, ...rest } = mount;
  const bind = { ...BindOptions };
  if (version < 40) delete bind.NonRecursive;
  if (version < 42) delete bind.CreateMountpoint;
  // Until 1.43 read-only meant the mount itself, not what is mounted below it.
  if (version < 44 && rest.ReadOnly) bind.ReadOnlyNonRecursive = true;
  const volume = { ...VolumeOptions };
  if (version < 45) delete volume.Subpath;
  // Options of another type were ignored until 1.42 made them an error.
  const keeps = (type: Mount["Type"]) => version >= 42 || rest.Type === type;
  return {
    ...rest,
    ...(rest.Type === "bind" || (BindOptions && keeps("bind")) ? { BindOptions: bind } : {}),
    ...(VolumeOptions && keeps("volume") ? { VolumeOptions: volume } : {}),
    ...(TmpfsOptions && keeps("tmpfs") ? { TmpfsOptions } : {}),
    ...(ImageOptions && keeps("image") ? { ImageOptions } : {}),
  };
}

function moveMacAddress(address: string, network: string, endpoints: Record<string, EndpointSettings>): void {
  if (network === "none" || network === "host" || network.startsWith("container:")) return;
  const endpoint = endpoints[network] ?? {};
  if (endpoint.MacAddress && endpoint.MacAddress !== address) {
    throw invalid("the container-wide MAC address must match the endpoint-specific MAC address for the main network");
  }
  endpoints[network] = { ...endpoint, MacAddress: address };
}

/** `GET /containers/{id}/json` as `version` has it. */
export function containerInspectFor(inspect: ContainerInspect, version: ApiVersion): unknown {
  if (version >= 45) return inspect;
  const shortId = inspect.Id.slice(0, 12);
  const networks = Object.entries(inspect.NetworkSettings.Networks).map(([name, endpoint]) => {
    const { DNSNames, ...rest } = endpoint;
    // Until 1.44 the short id counted as an alias; 1.44 brought DNSNames to part the two.
    const aliases = endpoint.Aliases?.includes(shortId) ? endpoint.Aliases : [...endpoint.Aliases ?? [], shortId];
    const aliased = name === "host" || name === "none" || name === "bridge" ? rest : { ...rest, Aliases: aliases };
    return [name, version < 44 ? aliased : { ...aliased, ...(DNSNames === undefined ? {} : { DNSNames }) }];
  });
  const mac = inspect.NetworkSettings.MacAddress;
  return {
    ...inspect,
    Config: version < 44 && mac ? { ...inspect.Config, MacAddress: mac } : inspect.Config,
    HostConfig: version < 42 ? { ...inspect.HostConfig, KernelMemory: 0, KernelMemoryTCP: 0 } : inspect.HostConfig,
    NetworkSettings: { ...inspect.NetworkSettings, Networks: Object.fromEntries(networks) },
  };
}

/** What a client of `version` means by an endpoint that it asks for: until 1.43 no network had a MAC address to give. */
export function endpointFrom(endpoint: EndpointSettings, version: ApiVersion): EndpointSettings {
  if (version >= 44) return endpoint;
  const { MacAddress: _added144, ...rest } = endpoint;
  return rest;
}

/** `GET /networks` as `version` has it: from 1.28 on, containers are shown by the inspection of one network only. */
export function networksFor(networks: readonly NetworkInspect[], version: ApiVersion): unknown {
  return version < 28 ? networks : networks.map((network) => ({ ...network, Containers: {} }));
}

/** `GET /images/{name}/json` as `version` has it. */
export function imageInspectFor(inspect: ImageInspect, version: ApiVersion): unknown {
  if (version >= 45) return inspect;
  const container = { Container: "", ContainerConfig: inspect.Config };
  return version >= 44 ? { ...inspect, ...container } : { ...inspect, ...container, VirtualSize: inspect.Size };
}

/** `GET /images/json` as `version` has it. */
export function imageSummariesFor(images: readonly ImageSummary[], version: ApiVersion): unknown {
  if (version >= 44) return images;
  return images.map((image) => ({
    ...image,
    VirtualSize: image.Size,
    // Until 1.43 an image without a name said so in words.
    ...(version < 43 && image.RepoTags.length === 0 && image.RepoDigests.length === 0
      ? { RepoTags: ["<none>:<none>"], RepoDigests: ["<none>@<none>"] }
      : {}),
  }));
}

/** `GET /system/df` as `version` has it: the images in it are those of `GET /images/json`. */
export function diskUsageFor(usage: Readonly<Record<string, unknown>>, version: ApiVersion): unknown {
  const { Images } = usage as { readonly Images?: readonly ImageSummary[] };
  return Images === undefined ? usage : { ...usage, Images: imageSummariesFor(Images, version) };
}

/** `GET /info` as `version` has it. */
export function infoFor(info: SystemInfo, version: ApiVersion): unknown {
  if (version >= 25) return info;
  const options = Array.isArray(info["SecurityOptions"]) ? info["SecurityOptions"] : [];
  return {
    ...info,
    ExecutionDriver: "<not supported>",
    // `name=seccomp,profile=builtin` was `seccomp`.
    SecurityOptions: options.map((option) => /(?:^|,)name=([^,]*)/.exec(String(option))?.[1] ?? option),
  };
}
