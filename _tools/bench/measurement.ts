import type { Peer } from "./peer.ts";

/** One line of the table. */
export interface Row {
  readonly title: string;
  readonly unit: "ms" | "s" | "KB" | "MB" | "MB/s" | "Gbit/s" | "per s" | "×";
  readonly better: "less" | "more";
}

/**
 * One thing that is measured on each peer. `prepare` brings a peer to where the measurement can begin, `sample` takes one
 * figure per row and is called once per round, the peers in turns; `finish` undoes what `prepare` did.
 */
export interface Measurement {
  /** As it is asked for: `bench exec`. */
  readonly name: string;
  readonly rows: readonly Row[];
  /** Rounds without the warm-up. */
  readonly rounds: number;
  /** Whether a first round is thrown away. */
  readonly warmUp: boolean;
  /** Why it cannot be done with this peer; undefined if it can. */
  without(peer: Peer, plan: Plan): string | undefined;
  prepare?(peer: Peer, plan: Plan): Promise<void>;
  sample(peer: Peer, plan: Plan, round: number): Promise<readonly number[]>;
  finish?(peer: Peer, plan: Plan): Promise<void>;
}

/** What holds for the whole run. */
export interface Plan {
  /** A folder for what a measurement generates; removed at the end. */
  readonly folder: string;
  /** Divides counts of containers, bytes and files: for trying the bench itself out. */
  readonly scale: number;
  readonly say: (line: string) => void;
  /** Aborted when the user has had enough: then everything is cleared up. */
  readonly signal: AbortSignal;
}

/** `count` of the full run, as many as this run takes: at least two. */
export function scaled(count: number, { scale }: Plan): number {
  return Math.max(2, Math.round(count / scale));
}

/** Names of `count` containers. */
export function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `bench-${prefix}-${index}`);
}
