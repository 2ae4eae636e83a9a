import { type Measurement, names, scaled } from "../measurement.ts";
import type { Peer } from "../peer.ts";
import { rss } from "../proc.ts";
import { startContainers } from "./start_many.ts";

/** What stays in memory to serve: our engine; dockerd together with containerd. */
export const engineMemory: Measurement = {
  name: "engine-memory",
  rows: [
    { title: "engine (docker: with containerd), just started (RSS)", unit: "MB", better: "less" },
    { title: "engine, 50 containers run", unit: "MB", better: "less" },
  ],
  rounds: 1, // a second one would find an engine that has had containers, and call it idle
  warmUp: false,
  without: ({ engine }) => engine === undefined ? "it has no engine" : undefined,
  async sample(peer, plan) {
    const idle = await engineSize(peer);
    const containers = names("engine", scaled(50, plan));
    try {
      await startContainers(peer, "engine", containers.length, plan);
      return [idle, await engineSize(peer)];
    } finally {
      await peer.remove(containers);
    }
  },
};

async function engineSize({ engine }: Peer): Promise<number> {
  return (await engine?.() ?? []).reduce((sum, pid) => sum + rss(pid), 0) / 1e6;
}
