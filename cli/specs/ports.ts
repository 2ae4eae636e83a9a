/** `-p [ip:][hostPort:]containerPort[/protocol]`, with ranges, and `--expose` (docker/go-connections, nat). */
import type { PortBinding } from "../../base/docker/network.ts";
import { invalid } from "../../base/errors.ts";
import { isIp } from "./address.ts";

export interface Ports {
  readonly exposed: Record<string, Record<string, never>>;
  readonly bindings: Record<string, PortBinding[]>;
}

/** What `-p` and `--expose` ask for. */
export function parsePorts(publish: readonly string[], expose: readonly string[]): Ports {
  const exposed: Ports["exposed"] = {};
  const bindings: Ports["bindings"] = {};
  for (const spec of publish) {
    for (const { port, binding } of parsePublish(spec)) {
      exposed[port] = {};
      (bindings[port] ??= []).push(binding);
    }
  }
  for (const spec of expose) {
    const [range = "", protocol = "tcp"] = spec.split("/");
    if (range.includes(":")) throw invalid(`invalid port format for --expose: ${spec}`);
    const [first, last] = parseRange(
      range,
      (why) => invalid(`invalid range format for --expose: ${range}, error: ${why}`),
    );
    for (let port = first; port <= last; port++) exposed[`${port}/${checkProtocol(protocol, spec)}`] = {};
  }
  return { exposed, bindings };
}

function parsePublish(spec: string): { port: string; binding: PortBinding }[] {
  const [ports = "", protocolName = "tcp", ...more] = spec.split("/");
  const protocol = checkProtocol(more.length > 0 ? "" : protocolName, spec);
  const { ip, host, container } = splitPorts(ports);
  if (container === "") throw invalid(`no port specified: ${spec}<empty>`);
  if (ip !== "" && !isIp(ip)) throw invalid(`invalid IP address: ${ip}`);
  const [first, last] = parseRange(container, () => invalid(`invalid containerPort: ${container}`));
  const hostRange = host === "" ? undefined : parseRange(host, () => invalid(`invalid hostPort: ${host}`));
  const count = last - first;
  if (hostRange !== undefined && hostRange[1] - hostRange[0] !== count && count !== 0) {
    throw invalid(`invalid ranges specified for container and host Ports: ${container} and ${host}`);
  }
  return Array.from({ length: count + 1 }, (_, index) => ({
    port: `${first + index}/${protocol}`,
    binding: { HostIp: ip, HostPort: hostPort(hostRange, count, index) },
  }));
}

/** A range of host ports for one port of the container means: any of them. */
function hostPort(range: readonly [number, number] | undefined, count: number, index: number): string {
  if (range === undefined) return "";
  const [first, last] = range;
  return count === 0 && last > first ? `${first}-${last}` : String(first + index);
}

function splitPorts(text: string): { ip: string; host: string; container: string } {
  const [, bracketed, rest = text] = /^\[([^\]]*)\]:(.*)$/.exec(text) ?? [];
  const parts = rest.split(":");
  const container = parts.pop() ?? "";
  const host = parts.pop() ?? "";
  return { ip: bracketed ?? parts.join(":"), host, container };
}

function parseRange(text: string, fail: (why: string) => Error): [number, number] {
  const [first = "", last = first, ...more] = text.split("-");
  for (const part of [first, last]) {
    if (!/^\d+$/.test(part)) throw fail(`strconv.ParseUint: parsing ${JSON.stringify(part)}: invalid syntax`);
    if (Number(part) > 65535) throw fail(`strconv.ParseUint: parsing ${JSON.stringify(part)}: value out of range`);
  }
  if (more.length > 0 || Number(last) < Number(first)) throw fail(`invalid range specified for port: ${text}`);
  return [Number(first), Number(last)];
}

function checkProtocol(text: string, spec: string): string {
  const protocol = text.toLowerCase();
  if (["tcp", "udp", "sctp"].includes(protocol)) return protocol;
  throw invalid(`invalid proto: ${text || spec}`);
}
