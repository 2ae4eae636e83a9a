import type { Fd } from "../../sys/fd.ts";
import { type Command, finish } from "./command.ts";

/**
 * Names of the peers, in the order of the table. `by docker` is our engine behind docker's own command: the same client on
 * both sides, so what is left is the engines.
 */
export const peerNames = ["sauropod", "by docker", "docker", "podman", "runc"] as const;
export type PeerName = typeof peerNames[number];

/** The image that every peer has after `setUp`. */
export const image = "busybox";

/** The networks that measurements make, beside the one that every peer has. */
export const benchNetworks = ["bench-create", "bench-crowd", "bench-dns"] as const;
export type BenchNetwork = typeof benchNetworks[number];

/**
 * One that is measured. `setUp` gives it a state of its own and the image; then it runs the same work as the others, in
 * turns; `tearDown` leaves nothing of it behind, also after a set-up that failed half-way.
 *
 * What it understands beside the four verbs decides which measurements it takes part in.
 */
export interface Peer {
  readonly name: PeerName;
  /** For the head of the table: `20.10.24`. */
  readonly version: string;
  setUp(): Promise<void>;
  tearDown(): Promise<void>;

  /** The network namespace that is its host: everything of it runs there, see {@link newHostNetwork}. */
  readonly network: Fd;
  /** Why it has no bridge networks; undefined if it has. */
  readonly withoutNetworks?: string | undefined;

  /** A container that does nothing, and its removal. */
  runOnce(network: Network): Command;
  /** A container that sleeps, without network. */
  runDetached(name: string): Command;
  /** `true` in one that runs. */
  exec(container: string): Command;
  /** Kills and removes. */
  remove(containers: readonly string[]): Promise<void>;
  /** Its process id on the host. */
  pidOf(container: string): Promise<number>;

  /** Any words of docker's command line. */
  readonly cli?: Cli;
  /** Gets an image from a registry that speaks http on this machine. */
  readonly pull?: (reference: string) => Command;
  /** Takes in a docker-archive, tar or tar.gz. */
  readonly load?: (archive: string) => Command;
  /** Where Docker's API is served, and in which version. */
  readonly api?: { readonly socket: string; readonly version: string };
  /** The processes that stay when no container runs. */
  readonly engine?: () => Promise<readonly number[]>;
}

/** Where a peer works. */
export interface Place {
  /** For all that it writes. */
  readonly folder: string;
  readonly network: Fd;
}

export type Cli = (...words: string[]) => Command;

/** `none`: no interface but lo; `default`: the bridge that a container gets when nothing is said. */
export type Network = "none" | "default";

/** The verbs of a peer that has docker's command line. */
export function dockerVerbs(cli: Cli) {
  return {
    runOnce: (network: Network) =>
      network === "none" ? cli("run", "--rm", "--network", "none", image, "true") : cli("run", "--rm", image, "true"),
    runDetached: (name: string) => cli("run", "-d", "--name", name, "--network", "none", image, "sleep", "3600"),
    exec: (container: string) => cli("exec", container, "true"),
    load: (archive: string) => cli("load", "-i", archive),
    pull: (reference: string) => cli("pull", "--quiet", reference),
    async remove(containers: readonly string[]): Promise<void> {
      if (containers.length > 0) await finish(cli("rm", "-f", ...containers));
    },
    async pidOf(container: string): Promise<number> {
      return Number(await finish(cli("inspect", "--format", "{{.State.Pid}}", container)));
    },
  };
}

/** Removes all containers of a peer that has docker's command line. */
export async function removeAll(cli: Cli): Promise<void> {
  const ids = (await finish(cli("ps", "-aq"))).split("\n").filter((id) => id !== "");
  if (ids.length > 0) await finish(cli("rm", "-f", ...ids));
}
