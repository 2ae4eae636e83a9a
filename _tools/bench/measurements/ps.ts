import { finish, timed } from "../command.ts";
import { type Measurement, names, scaled } from "../measurement.ts";
import { startContainers } from "./start_many.ts";

const count = 100;

export const ps: Measurement = {
  name: "ps",
  rows: [{ title: "`ps` with 100 containers", unit: "ms", better: "less" }],
  rounds: 15,
  warmUp: true,
  without: ({ cli }) => cli === undefined ? "it has no ps" : undefined,
  async prepare(peer, plan) {
    await startContainers(peer, "ps", scaled(count, plan), plan);
  },
  async sample({ cli }) {
    return cli === undefined ? [] : [await timed(() => finish(cli("ps")))];
  },
  async finish(peer, plan) {
    await peer.remove(names("ps", scaled(count, plan)));
  },
};
