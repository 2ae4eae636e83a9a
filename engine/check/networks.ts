import type { Fault } from "../../base/fault.ts";
import type { NetworkRecord } from "../network_record.ts";
import type { Network } from "../networks/network.ts";
import type { Parts } from "../parts.ts";
import { readRecords } from "../record_rows.ts";
import { type DamagedRow, rowFaults } from "./rows.ts";

/** Networks are rows alone. Who is in them, the containers tell. */
export function* networkFaults({ database, networks }: Parts): Generator<Fault> {
  const damaged = new Map<string, DamagedRow>();
  const query = database.prepare("SELECT id, name, record FROM networks ORDER BY rowid");
  const rows = readRecords<NetworkRecord>(query, ({ id, name }, error) => {
    damaged.set(String(id), { name: String(name), error });
  });
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
