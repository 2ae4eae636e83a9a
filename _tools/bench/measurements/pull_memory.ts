import { finish } from "../command.ts";
import { type Measurement, scaled } from "../measurement.ts";
import { peakRss, resetPeak } from "../proc.ts";
import { registryOf, withRegistry } from "./pull.ts";

/**
 * The most that the engine's processes have in memory at any time of a pull. dockerd unpacks in processes of their own,
 * which are not counted: it stands better here than it does.
 */
export const pullMemory: Measurement = {
  name: "pull-memory",
  rows: [{ title: "engine: peak while it pulls 1 GB (RSS)", unit: "MB", better: "less" }],
  rounds: 3,
  warmUp: false,
  ...withRegistry,
  without: (peer) => peer.engine === undefined ? "it has no engine" : withRegistry.without(peer),
  async sample(peer, plan) {
    const shape = { layers: 6, smallFiles: scaled(10_000, plan), largeFiles: scaled(96, plan) };
    const reference = await registryOf(peer).put({ name: "bench/gigabyte:1", ...shape });
    const [pids, command] = [await peer.engine?.() ?? [], peer.pull?.(reference)];
    if (command === undefined || peer.cli === undefined) return [];
    pids.forEach(resetPeak);
    await finish(command);
    const peak = pids.reduce((sum, pid) => sum + peakRss(pid), 0) / 1e6;
    await finish(peer.cli("rmi", reference));
    return [peak];
  },
};
