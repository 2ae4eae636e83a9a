import assert from "node:assert/strict";
import type { ContainerSummary } from "../../base/docker/container.ts";
import { portList } from "./port_list.ts";

type Ports = ContainerSummary["Ports"];
const tcp = (PrivatePort: number, PublicPort?: number, IP = "0.0.0.0"): Ports[number] =>
  PublicPort === undefined ? { PrivatePort, Type: "tcp" } : { IP, PrivatePort, PublicPort, Type: "tcp" };

const rows: { name: string; ports: Ports; text: string }[] = [
  { name: "none", ports: [], text: "" },
  { name: "exposed", ports: [tcp(80)], text: "80/tcp" },
  { name: "exposed in a row", ports: [tcp(82), tcp(80), tcp(81), tcp(90)], text: "80-82/tcp, 90/tcp" },
  { name: "published", ports: [tcp(80, 8080)], text: "0.0.0.0:8080->80/tcp" },
  { name: "published for IPv6", ports: [tcp(80, 8080, "::")], text: "[::]:8080->80/tcp" },
  {
    name: "published in a row under the same numbers",
    ports: [tcp(9001, 9001), tcp(9000, 9000), tcp(80)],
    text: "80/tcp, 0.0.0.0:9000-9001->9000-9001/tcp",
  },
  {
    name: "two protocols",
    ports: [{ PrivatePort: 53, Type: "udp" }, { PrivatePort: 53, Type: "tcp" }],
    text: "53/tcp, 53/udp",
  },
];

for (const { name, ports, text } of rows) {
  Deno.test(`the ports of a container: ${name}`, () => assert.equal(portList(ports), text));
}
