/** Published ports between Docker's shapes and the allocator's. */
import type { NetworkSettings, PortBinding } from "../../base/docker/network.ts";
import type { PortWish } from "../../net/ports/port_wish.ts";
import type { PublishedPort } from "../../net/ports/published_port.ts";
import type { ContainerRecord } from "../container_record.ts";
import type { Network } from "./network.ts";

/** The host ports that a container wants: those of `-p`, and with `-P` one for each that is exposed. */
export function portWishes({ config, hostConfig }: ContainerRecord, network: Network): PortWish[] {
  const anyIp = network.option("bridge.host_binding_ipv4") ?? "";
  const wishes = Object.entries(hostConfig.PortBindings).flatMap(([port, bindings]) =>
    (bindings ?? []).map(({ HostIp, HostPort }) => wish(port, HostIp || (anyIp === "0.0.0.0" ? "" : anyIp), HostPort))
  );
  if (!hostConfig.PublishAllPorts) return wishes;
  const rest = Object.keys(config.ExposedPorts ?? {}).filter((port) => !hostConfig.PortBindings[port]?.length);
  return [...wishes, ...rest.map((port) => wish(port, "", ""))];
}

function wish(port: string, hostIp: string, hostPort: string): PortWish {
  const [number = "", protocol = "tcp"] = port.split("/");
  return { protocol: protocol as PublishedPort["protocol"], containerPort: Number(number), hostIp, hostPort };
}

/** `NetworkSettings.Ports`: every exposed port, with where the host listens for it. */
export function portsShown(
  { config, hostConfig }: ContainerRecord,
  ports: readonly PublishedPort[],
): NetworkSettings["Ports"] {
  const shown: Record<string, PortBinding[] | null> = {};
  for (const port of [...Object.keys(config.ExposedPorts ?? {}), ...Object.keys(hostConfig.PortBindings)].sort()) {
    shown[port] = null;
  }
  for (const { protocol, containerPort, hostIp, hostPort } of ports) {
    (shown[`${containerPort}/${protocol}`] ??= []).push({ HostIp: hostIp, HostPort: String(hostPort) });
  }
  return shown;
}

/** The same read back from a record. */
export function publishedIn({ Ports }: NetworkSettings): PublishedPort[] {
  return Object.entries(Ports).flatMap(([port, bindings]) => {
    const { containerPort, protocol } = wish(port, "", "");
    return (bindings ?? []).map(({ HostIp, HostPort }) => ({
      protocol,
      containerPort,
      hostIp: HostIp,
      hostPort: Number(HostPort),
    }));
  });
}
