import type { Row } from "./measurement.ts";
import type { PeerName } from "./peer.ts";

/** What one row came to: the figures of each peer in the order in which they were taken, warm-up left out. */
export interface RowResult extends Row {
  readonly samples: Partial<Record<PeerName, readonly number[]>>;
  /** Why a peer has no figure. */
  readonly without: Partial<Record<PeerName, string>>;
}

export interface BenchResult {
  readonly machine: string;
  readonly date: string;
  /** Names and versions of those that were measured. */
  readonly peers: readonly { readonly name: PeerName; readonly version: string }[];
  /** Divides the counts; figures of anything but 1 are for trying the bench out. */
  readonly scale: number;
  readonly rows: readonly RowResult[];
}

/** The middle one, or the mean of the two in the middle; undefined for none. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** How many times better `ours` is than `theirs`; below 1: worse. */
export function ratio(ours: number, theirs: number, better: Row["better"]): number {
  return better === "less" ? theirs / ours : ours / theirs;
}

/** The machine, in one line: kernel, processors, memory. */
export function machineLine(): string {
  const model = /^model name\s*:\s*(.+)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ?? Deno.build.arch;
  const memory = Math.round(Deno.systemMemoryInfo().total / 2 ** 30);
  return `Linux ${Deno.osRelease()}, ${navigator.hardwareConcurrency} × ${model}, ${memory} GiB, Deno ${Deno.version.deno}`;
}
