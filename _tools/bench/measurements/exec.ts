import { finish, timed } from "../command.ts";
import type { Measurement } from "../measurement.ts";

const container = "bench-exec";

export const exec: Measurement = {
  name: "exec",
  rows: [{ title: "`exec CONTAINER true`", unit: "ms", better: "less" }],
  rounds: 15,
  warmUp: true,
  without: () => undefined,
  async prepare(peer) {
    await finish(peer.runDetached(container));
  },
  sample: async (peer) => [await timed(() => finish(peer.exec(container)))],
  async finish(peer) {
    await peer.remove([container]);
  },
};
