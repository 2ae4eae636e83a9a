import type { PublishedPort } from "./published_port.ts";

/** The host's ports that are ours. An address excludes itself, and `0.0.0.0` and `::` exclude all of their family. */
export class PortTable {
  /** `tcp/8080` to the addresses. */
  readonly #held = new Map<string, string[]>();

  /** Whether one of ours already answers, or would answer, for what is asked for. */
  isTaken(port: PublishedPort): boolean {
    return this.#held.get(keyOf(port))?.some((ip) => collide(ip, port.hostIp)) ?? false;
  }

  add(port: PublishedPort): void {
    const addresses = this.#held.get(keyOf(port));
    if (addresses === undefined) this.#held.set(keyOf(port), [port.hostIp]);
    else addresses.push(port.hostIp);
  }

  remove(port: PublishedPort): void {
    const addresses = this.#held.get(keyOf(port));
    const index = addresses?.indexOf(port.hostIp) ?? -1;
    if (index < 0) return;
    addresses?.splice(index, 1);
    if (addresses?.length === 0) this.#held.delete(keyOf(port));
  }

  /** How many port numbers there are, of all protocols. */
  get size(): number {
    return this.#held.size;
  }
}

function keyOf({ protocol, hostPort }: PublishedPort): string {
  return `${protocol}/${hostPort}`;
}

function collide(one: string, other: string): boolean {
  const sameFamily = one.includes(":") === other.includes(":");
  return one === other || sameFamily && [one, other].some((ip) => ip === "0.0.0.0" || ip === "::");
}
