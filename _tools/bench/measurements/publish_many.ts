import { finish, timed } from "../command.ts";
import { type Measurement, names, scaled } from "../measurement.ts";
import { image } from "../peer.ts";

const firstPort = 20_000;

/** Containers that stay, each with a port of the host, one after the other; their removal is not timed. */
export const publishInARow: Measurement = {
  name: "publish",
  rows: [{ title: "50 × `run -d -p PORT:80` in a row, bridge network", unit: "per s", better: "more" }],
  rounds: 3,
  warmUp: true,
  without: ({ withoutNetworks }) => withoutNetworks,
  async sample(peer, plan) {
    const { cli } = peer;
    if (cli === undefined) return [];
    const containers = names("publish", scaled(50, plan));
    try {
      const milliseconds = await timed(async () => {
        for (const [index, name] of containers.entries()) {
          await finish(cli("run", "-d", "--name", name, "-p", `${firstPort + index}:80`, image, "sleep", "3600"));
        }
      });
      return [containers.length / (milliseconds / 1000)];
    } finally {
      await peer.remove(containers);
    }
  },
};
