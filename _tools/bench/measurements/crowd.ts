import { finish, timed } from "../command.ts";
import { type Measurement, names, type Plan, scaled } from "../measurement.ts";
import { type BenchNetwork, image, type Peer } from "../peer.ts";
import { median } from "../result.ts";

const network: BenchNetwork = "bench-crowd";
/** So many at either end are taken for one figure: a single start says little. */
const ends = 5;

/** Whether a bridge gets slower when it gets full: `run -d` of the first containers on it, and of the last of 100. */
export const crowd: Measurement = {
  name: "crowd",
  rows: [
    { title: "`run -d`, first container on a bridge", unit: "ms", better: "less" },
    { title: "`run -d`, 100th container on a bridge", unit: "ms", better: "less" },
    { title: "100th against the first", unit: "×", better: "less" },
  ],
  rounds: 3,
  warmUp: false,
  without: ({ withoutNetworks }) => withoutNetworks,
  async prepare({ cli }) {
    if (cli !== undefined) await finish(cli("network", "create", network));
  },
  async sample(peer, plan) {
    const containers = names("crowd", count(plan));
    try {
      const first = await startEach(peer, containers.slice(0, ends));
      await startEach(peer, containers.slice(ends, -ends));
      const last = await startEach(peer, containers.slice(-ends));
      return [first, last, last / first];
    } finally {
      await peer.remove(containers);
    }
  },
  async finish(peer, plan) {
    await peer.remove(names("crowd", count(plan)));
    if (peer.cli !== undefined) await finish(peer.cli("network", "rm", network));
  },
};

function count(plan: Plan): number {
  return Math.max(2 * ends, scaled(100, plan));
}

/** The median of their times, in milliseconds. */
async function startEach({ cli }: Peer, containers: readonly string[]): Promise<number> {
  const times: number[] = [];
  for (const name of cli === undefined ? [] : containers) {
    const command = cli?.("run", "-d", "--name", name, "--network", network, image, "sleep", "3600");
    if (command !== undefined) times.push(await timed(() => finish(command)));
  }
  return median(times) ?? NaN;
}
