import { type Measurement, names, scaled } from "../measurement.ts";
import { parentOf, pss } from "../proc.ts";
import { startContainers } from "./start_many.ts";

const count = 20;

/** What a running container costs beside its own processes. */
export const memory: Measurement = {
  name: "memory",
  rows: [{ title: "memory of a container's keeper, shim or conmon (PSS)", unit: "KB", better: "less" }],
  rounds: 3,
  warmUp: true,
  // runc leaves: nothing of it stays beside the container.
  without: ({ name }) => name === "runc" ? "it keeps no process" : undefined,
  async sample(peer, plan) {
    const containers = names("memory", scaled(count, plan));
    try {
      await startContainers(peer, "memory", containers.length, plan);
      const parents = await Promise.all(containers.map(async (name) => parentOf(await peer.pidOf(name))));
      const helpers = [...new Set(parents)];
      return [helpers.reduce((sum, pid) => sum + pss(pid), 0) / containers.length / 1024];
    } finally {
      await peer.remove(containers);
    }
  },
};
