import { finish, timed } from "../command.ts";
import type { Measurement } from "../measurement.ts";
import type { Network } from "../peer.ts";

/** A container from nothing to nothing, as a user sees it: the time of the whole command. */
function run(name: string, network: Network, title: string): Measurement {
  return {
    name,
    rows: [{ title, unit: "ms", better: "less" }],
    rounds: 15,
    warmUp: true,
    without: ({ withoutNetworks }) => network === "none" ? undefined : withoutNetworks,
    sample: async (peer) => [await timed(() => finish(peer.runOnce(network)))],
  };
}

export const runWithNetwork = run("run", "default", "`run --rm busybox true`, bridge network");
export const runWithoutNetwork = run("run-none", "none", "`run --rm --network none busybox true`");
