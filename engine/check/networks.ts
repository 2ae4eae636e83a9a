import type { Fault } from "../../base/fault.ts";
import type { Network } from "../networks/network.ts";
import type { Parts } from "../parts.ts";
import { type DamagedRow, rowFaults } from "./rows.ts";

/** Networks are rows alone. Who is in them, the containers tell. */
export function* networkFaults({ networks }: Parts): Generator<Fault> {
  const damaged = new Map<string, DamagedRow>();
  const rows = networks.onDisk((id, name, error) => damaged.set(id, { name, error }));
  const readable = new Set(Array.from(rows, ({ id }) => id));
  yield* rowFaults<Network>({
    what: "network",
    readable,
    damaged,
    known: new Map(Array.from(networks, (network) => [network.id, network])),
    name: ({ name }) => name,
    restore: (network) => networks.restore(network),
  });
}
