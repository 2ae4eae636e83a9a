/** A small world to draw: three networks of the user's, containers in one or two of them, one that is stopped, a guest. */
import type { ContainerSummary } from "../../base/docker/container.ts";
import type { EndpointSettings, NetworkInspect } from "../../base/docker/network.ts";

type Ports = ContainerSummary["Ports"];

const id = (name: string) => Array.from(name, (letter) => letter.charCodeAt(0).toString(16)).join("").padEnd(64, "0");

export function network(Name: string, Driver: string, ...pools: [subnet: string, gateway: string][]): NetworkInspect {
  return {
    Name,
    Id: id(Name),
    Created: "2026-01-02T03:04:05Z",
    Scope: "local",
    Driver,
    EnableIPv6: pools.length > 1,
    IPAM: {
      Driver: "default",
      Options: null,
      Config: pools.map(([Subnet, Gateway]) => ({ Subnet, Gateway })),
    },
    Internal: Name.includes("internal"),
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Containers: {},
    Options: {},
    Labels: {},
  };
}

export function container(
  name: string,
  mode: string,
  places: Record<string, EndpointSettings>,
  Ports: Ports = [],
  State: ContainerSummary["State"] = "running",
): ContainerSummary {
  return {
    Id: id(name),
    Names: [`/${name}`],
    Image: "x",
    ImageID: "x",
    Command: "x",
    Created: 0,
    Ports,
    Labels: {},
    State,
    Status: "",
    HostConfig: { NetworkMode: mode },
    NetworkSettings: { Networks: places },
    Mounts: [],
  };
}

export const networks: readonly NetworkInspect[] = [
  network("none", "null"),
  network("host", "host"),
  network("my-net3", "bridge", ["172.33.1.0/24", "172.33.1.1"], ["fd5c:1:2:3::/64", "fd5c:1:2:3::1"]),
  network("bridge", "bridge", ["172.17.0.0/16", "172.17.0.1"]),
  network("internal-db", "bridge", ["172.18.0.0/16", "172.18.0.1"]),
  network("empty10", "macvlan", ["192.168.4.0/24", "192.168.4.1"]),
];

const both = (PublicPort: number, PrivatePort: number, Type = "tcp"): Ports =>
  ["0.0.0.0", "::"].map((IP) => ({ IP, PrivatePort, PublicPort, Type }));

export const containers: readonly ContainerSummary[] = [
  container("http-test", "default", { bridge: { IPAddress: "172.17.0.2" } }, [
    { IP: "127.0.0.1", PrivatePort: 80, PublicPort: 8090, Type: "tcp" },
  ]),
  container("shop", "my-net3", {
    "internal-db": { IPAddress: "172.18.0.3" },
    "my-net3": { IPAddress: "172.33.1.100", GlobalIPv6Address: "fd5c:1:2:3::100" },
  }, [...both(443, 8443), ...both(80, 8080), ...both(53, 53, "udp"), { PrivatePort: 9000, Type: "tcp" }]),
  container("metrics", `container:${id("shop")}`, {}),
  container("db", "internal-db", { "internal-db": { IPAddress: "172.18.0.2" } }),
  container("job", "my-net3", { "my-net3": { IPAddress: "" } }, [], "exited"),
  container("agent", "host", { host: { IPAddress: "" } }),
];
