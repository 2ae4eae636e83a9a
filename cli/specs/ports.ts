/**
 * `-p [ip:][hostPort:]containerPort[/protocol]`, with ranges, and `--expose` (docker/go-connections, nat); `-p` in
 * docker's longer form too: `target=80,published=8080,protocol=udp`.
 */
import type { PortBinding } from "../../base/docker/network.ts";
import { invalid } from "../../base/errors.ts";
import { isIp } from "./address.ts";
import { commaFields } from "./comma_fields.ts";

export interface Ports {
  readonly exposed: Record<string, Record<string, never>>;
  readonly bindings: Record<string, PortBinding[]>;
}

/** What `-p` and `--expose` ask for. */
export function parsePorts(publish: readonly string[], expose: readonly string[]): Ports {
  const exposed: Ports["exposed"] = {};
  const bindings: Ports["bindings"] = {};
  for (const spec of publish) {
    for (const { port, binding } of parsePublish(spec.includes("=") ? shortForm(spec) : spec)) {
      exposed[port] = {};
      (bindings[port] ??= []).push(binding);
    }
  }
  for (const spec of expose) {
    const [range = "", protocol] = spec.split("/");
    if (range.includes(":")) throw invalid(`invalid port format for --expose: ${spec}`);
    const [first, last] = parseRange(
      range,
      (why) => invalid(`invalid range format for --expose: ${range}, error: ${why}`),
    );
    for (let port = first; port <= last; port++) exposed[`${port}/${checkProtocol(protocol)}`] = {};
  }
  return { exposed, bindings };
}

function parsePublish(spec: string): { port: string; binding: PortBinding }[] {
  const [ports = "", protocolName, ...more] = spec.split("/");
  const protocol = checkProtocol(more.length > 0 ? spec : protocolName);
  const { ip, host, container: given } = splitPorts(ports);
  // `IP:HOST:`: the container's port is the host's. Docker refuses it; `HOST:` alone stays refused, as it is there.
  const container = given === "" && ip !== "" ? host : given;
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
  if (text === "") throw fail("empty string specified for ports");
  const [first = "", last = first, ...more] = text.split("-");
  for (const part of [first, last]) {
    if (!/^\d+$/.test(part)) throw fail(`strconv.ParseUint: parsing ${JSON.stringify(part)}: invalid syntax`);
    if (Number(part) > 65535) throw fail(`strconv.ParseUint: parsing ${JSON.stringify(part)}: value out of range`);
  }
  if (more.length > 0 || Number(last) < Number(first)) throw fail(`invalid range specified for port: ${text}`);
  return [Number(first), Number(last)];
}

/** Nothing means TCP. */
function checkProtocol(text = "tcp"): string {
  const protocol = text.toLowerCase() || "tcp";
  if (["tcp", "udp", "sctp"].includes(protocol)) return protocol;
  throw invalid(`invalid proto: ${text}`);
}

/** `target=80,published=8080,protocol=udp` as `8080:80/udp`; what else docker knows (`mode`) is Swarm's. */
function shortForm(spec: string): string {
  const fields = new Map(
    commaFields(spec).map((field) => {
      const [, key, value = ""] = /^([^=]+)=(.*)$/s.exec(field) ?? [];
      if (key === undefined) {
        throw invalid(`invalid publish opts format (should be name=value but got '${field}')`);
      }
      return [key, value];
    }),
  );
  const published = fields.get("published");
  return `${published === undefined ? "" : `${published}:`}${fields.get("target") ?? ""}/${
    fields.get("protocol") ?? "tcp"
  }`;
}
