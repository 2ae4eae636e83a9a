import { finish, timed } from "../command.ts";
import type { Measurement } from "../measurement.ts";
import type { BenchNetwork } from "../peer.ts";

const network: BenchNetwork = "bench-create";

/** A bridge network that nobody ever uses: both commands together. */
export const networkCreate: Measurement = {
  name: "network-create",
  rows: [{ title: "`network create` and `network rm`", unit: "ms", better: "less" }],
  rounds: 15,
  warmUp: true,
  without: ({ withoutNetworks }) => withoutNetworks,
  async sample({ cli }) {
    if (cli === undefined) return [];
    return [
      await timed(async () => {
        await finish(cli("network", "create", network));
        await finish(cli("network", "rm", network));
      }),
    ];
  },
};
