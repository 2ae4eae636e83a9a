import { finish, timed } from "../command.ts";
import { type Measurement, names, type Plan, scaled } from "../measurement.ts";
import type { Peer } from "../peer.ts";

/** Many containers that stay, started by one command each, so many at a time; their removal is not timed. */
function startMany(name: string, title: string, atATime: number): Measurement {
  return {
    name,
    rows: [{ title, unit: "per s", better: "more" }],
    rounds: 3,
    warmUp: true,
    without: () => undefined,
    async sample(peer, plan) {
      const containers = names(name, scaled(50, plan));
      try {
        const milliseconds = await timed(() => startAll(peer, containers, atATime));
        return [containers.length / (milliseconds / 1000)];
      } finally {
        await peer.remove(containers);
      }
    },
  };
}

/** Starts them by `atATime` workers that take the next name as soon as they are free. */
async function startAll(peer: Peer, containers: readonly string[], atATime: number): Promise<void> {
  const queue = containers.values();
  const worker = async () => {
    for (const name of queue) await finish(peer.runDetached(name));
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}

/** Starts so many containers, four at a time: what measurements with many running ones begin with. */
export async function startContainers(peer: Peer, prefix: string, count: number, plan: Plan): Promise<string[]> {
  const containers = names(prefix, count);
  plan.say(`${peer.name}: starting ${count} containers`);
  await startAll(peer, containers, 4);
  return containers;
}

export const startInARow = startMany("start", "50 × `run -d` in a row", 1);
export const startFourAtATime = startMany("start-4", "50 × `run -d`, 4 at a time", 4);
