import type { ContainerSummary } from "../../base/docker/container.ts";
import type { NetworkSettings } from "../../base/docker/network.ts";
import { parseRfc3339 } from "../../base/time.ts";
import type { ImageLookup, Reported } from "./reported.ts";
import { containerStatus, statusText } from "./status_text.ts";

/** A row of `ps`. `images` is asked once per name by the caller's cache, `now` is nanoseconds since 1970. */
export function containerSummary({ record, state }: Reported, images: ImageLookup, now: bigint): ContainerSummary {
  const { config, hostConfig, networkSettings } = record;
  const status = containerStatus(state);
  // The name that the user gave, unless it means another image by now.
  const current = config.Image === record.imageId || images.resolve(config.Image)?.id === record.imageId;
  return {
    Id: record.id,
    Names: [`/${record.name}`],
    Image: current ? config.Image : record.imageId,
    ImageID: record.imageId,
    Command: commandText(record.command),
    Created: Number(parseRfc3339(record.created) / 1_000_000_000n),
    Ports: status === "running" || status === "paused" ? portRows(networkSettings) : [],
    Labels: config.Labels,
    State: status,
    Status: statusText(state, now),
    HostConfig: { NetworkMode: hostConfig.NetworkMode },
    NetworkSettings: { Networks: networkSettings.Networks },
    Mounts: [...record.mounts],
  };
}

/** The command as Docker shows it: arguments with a space in quotes. */
function commandText(command: readonly string[]): string {
  const [path = "", ...args] = command;
  return [path, ...args.map((arg) => arg.includes(" ") ? `'${arg}'` : arg)].join(" ");
}

function portRows({ Ports }: NetworkSettings): ContainerSummary["Ports"] {
  return Object.entries(Ports).flatMap(([port, bindings]): ContainerSummary["Ports"] => {
    const [number = "", Type = "tcp"] = port.split("/");
    const PrivatePort = Number(number);
    if (bindings === null || bindings.length === 0) return [{ PrivatePort, Type }];
    return bindings.map(({ HostIp, HostPort }) => ({ IP: HostIp, PrivatePort, PublicPort: Number(HostPort), Type }));
  });
}
