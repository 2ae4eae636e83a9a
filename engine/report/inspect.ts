import type { ContainerInspect } from "../../base/docker/container.ts";
import { containerState } from "./container_state.ts";
import type { ImageLookup, Reported, ReportedImage } from "./reported.ts";
import { containerSizes, layerFolder } from "./sizes.ts";

/** What the report needs beside the container. */
export interface InspectParts {
  readonly settings: { readonly root: string };
  readonly images: ImageLookup;
  /** Who is linked; without it links are shown by id. */
  readonly containers?: { find(id: string): { readonly record: { readonly name: string } } | undefined };
}

/** `GET /containers/{id}/json`. Only `size` looks at the disk. */
export function inspectContainer(
  { settings, images, containers }: InspectParts,
  container: Reported,
  { size = false }: { size?: boolean } = {},
): ContainerInspect {
  const { record, folders, execs } = container;
  const [path, ...args] = record.command;
  const image = images.resolve(record.imageId);
  return {
    Id: record.id,
    Created: record.created,
    Path: path,
    Args: args,
    State: containerState(container.state),
    Image: record.imageId,
    ResolvConfPath: folders.resolvConf,
    HostnamePath: folders.hostname,
    HostsPath: folders.hosts,
    LogPath: ["", "json-file"].includes(record.hostConfig.LogConfig.Type) ? folders.logFile : "",
    Name: `/${record.name}`,
    RestartCount: record.restartCount,
    Driver: "overlay2",
    Platform: record.platform,
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: "",
    ExecIDs: execs.size > 0 ? [...execs] : null,
    HostConfig: { ...record.hostConfig, Links: shownLinks(record, containers) },
    GraphDriver: { Name: "overlay2", Data: overlayFolders(settings.root, folders.home, image) },
    ...(size ? containerSizes(folders.home, image) : {}),
    Mounts: [...record.mounts],
    Config: record.config,
    NetworkSettings: record.networkSettings,
  };
}

/** `/db:/app/dblink`; in a network of one's own they are names of that network. */
function shownLinks(
  { name, hostConfig: { Links, NetworkMode } }: Reported["record"],
  containers: InspectParts["containers"],
): string[] | null {
  if (Links === null || !["default", "bridge"].includes(NetworkMode)) return Links;
  return Links.map((link) => {
    const [id = "", alias = id] = link.split(":");
    return `/${containers?.find(id)?.record.name ?? id}:/${name}/${alias}`;
  });
}

/** Docker's names for them. There is no MergedDir: the union is mounted in the container's own namespace only. */
function overlayFolders(root: string, home: string, image: ReportedImage | undefined): Record<string, string> {
  const lowers = (image?.layers ?? []).map((name) => layerFolder(root, name)).reverse();
  return { LowerDir: lowers.join(":"), UpperDir: `${home}/upper`, WorkDir: `${home}/work` };
}
