import { addressText } from "../../base/address_text.ts";
import type { ContainerSummary } from "../../base/docker/container.ts";

type Port = ContainerSummary["Ports"][number];

/**
 * The ports of a container in one line: `0.0.0.0:80->80/tcp, 9000-9002/tcp`. Ports in a row are joined, unless they are
 * published under other numbers.
 */
export function portList(ports: readonly Port[]): string {
  const runs = new Map<string, { first: number; last: number }>();
  const done: string[] = [];
  const renumbered: string[] = [];
  for (const { IP = "", PrivatePort, PublicPort, Type } of ports.toSorted(byNumber)) {
    if (IP !== "" && PublicPort !== undefined && PublicPort !== PrivatePort) {
      renumbered.push(`${addressText({ ip: IP, port: PublicPort })}->${PrivatePort}/${Type}`);
      continue;
    }
    const key = `${IP}/${Type}`;
    const run = runs.get(key);
    if (run?.last === PrivatePort - 1) run.last = PrivatePort;
    else {
      if (run !== undefined) done.push(shown(key, run));
      runs.set(key, { first: PrivatePort, last: PrivatePort });
    }
  }
  return [...done, ...[...runs].map(([key, run]) => shown(key, run)), ...renumbered].join(", ");
}

function shown(key: string, { first, last }: { first: number; last: number }): string {
  const slash = key.indexOf("/");
  const numbers = first === last ? String(first) : `${first}-${last}`;
  const ip = key.slice(0, slash);
  return `${ip === "" ? "" : `${addressText({ ip, port: numbers })}->`}${numbers}${key.slice(slash)}`;
}

function byNumber(a: Port, b: Port): number {
  return a.PrivatePort - b.PrivatePort || compare(a.IP ?? "", b.IP ?? "") ||
    (a.PublicPort ?? 0) - (b.PublicPort ?? 0) || compare(a.Type, b.Type);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
