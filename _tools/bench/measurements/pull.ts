import { finish, firstMissing, timed } from "../command.ts";
import type { ImageShape } from "../image_layers.ts";
import { type Measurement, type Plan, scaled } from "../measurement.ts";
import type { Peer, PeerName } from "../peer.ts";
import { registryPrograms, RegistryServer } from "../registry_server.ts";

/** Of 6 layers, 200 MB unpacked. */
export function usualImage(name: string, plan: Plan): ImageShape {
  return { name, layers: 6, smallFiles: scaled(10_000, plan), largeFiles: scaled(16, plan) };
}

const servers = new Map<PeerName, RegistryServer>();

/** A registry of the peer's own, for as long as the measurement lasts. */
export const withRegistry = {
  without: ({ pull }: Peer): string | undefined => {
    const missing = firstMissing(...registryPrograms);
    return pull === undefined ? "it has no images" : missing === undefined ? undefined : `${missing} is not installed`;
  },
  async prepare({ name, network }: Peer, { folder }: Plan): Promise<void> {
    servers.set(name, await RegistryServer.start(network, `${folder}/registry`));
  },
  async finish({ name }: Peer): Promise<void> {
    await servers.get(name)?.end();
    servers.delete(name);
  },
};

export function registryOf({ name }: Peer): RegistryServer {
  const server = servers.get(name);
  if (server === undefined) throw new Error(`${name} has no registry`);
  return server;
}

/**
 * An image that nobody has yet, a different one in each round. Nothing is removed in between: on ext4 with discard a
 * removal slows down whatever is written after it.
 */
export const pull: Measurement = {
  name: "pull",
  rows: [{ title: "`pull` of a 200 MB image of 6 layers and 10,000 files", unit: "s", better: "less" }],
  rounds: 3,
  warmUp: true,
  ...withRegistry,
  async sample(peer, plan, round) {
    const reference = await registryOf(peer).put(usualImage(`bench/pull:${round}`, plan));
    const command = peer.pull?.(reference);
    if (command === undefined) return [];
    await finish({ argv: ["sync"] }); // what the one before has written is not to be paid by this one
    return [await timed(() => finish(command)) / 1000];
  },
};
