import type { Filters, PruneOptions } from "../../base/container_engine.ts";
import type { NetworkPruneResult } from "../../base/docker/network.ts";
import { forbidden, invalid } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import { hasLabel } from "../../base/labels.ts";
import { parseRfc3339, parseTimestamp } from "../../base/time.ts";
import { nowNanoseconds } from "../../base/timestamps.ts";
import type { Parts } from "../parts.ts";
import { usersOf } from "./inspect.ts";
import type { Network } from "./network.ts";
import { publishNetworkEvent } from "./network_event.ts";
import { dissolveNetwork } from "./realize.ts";

/** Removes a network that nobody is in. @throws `forbidden` with the names of those who are */
export function removeNetwork(parts: Parts, network: Network): void {
  if (network.predefined) throw forbidden(`${network.name} is a pre-defined network and cannot be removed`);
  const holders = usersOf(parts, network).filter(({ running }) => running !== undefined);
  if (holders.length > 0) {
    const names = holders.map(({ record }) => `name:"${record.name}" id:"${record.id.slice(0, 12)}"`);
    throw forbidden(
      `error while removing network: network ${network.name} has active endpoints (${names.join(", ")})`,
    );
  }
  parts.networks.delete(network);
  failpoint("network.remove.row");
  dissolveNetwork(parts, network);
  publishNetworkEvent(parts, network, "destroy");
}

/** Removes those that no container has. @throws `invalid` for another filter than `label`, `label!`, `until` */
export function pruneNetworks(
  parts: Parts,
  filters: Filters,
  { dryRun = false, without = [] }: PruneOptions = {},
): NetworkPruneResult {
  for (const key of Object.keys(filters)) {
    if (!["label", "label!", "until"].includes(key)) throw invalid(`invalid filter '${key}'`);
  }
  const { label = [], until = [], "label!": unlabelled = [] } = filters;
  const gone = new Set(dryRun ? without : []);
  const limits = until.map((value) => parseTimestamp(value, nowNanoseconds()));
  const unused = [...parts.networks].filter((network) =>
    !network.predefined && usersOf(parts, network).every(({ id }) => gone.has(id)) &&
    label.every((value) => hasLabel(network.record.labels, value)) &&
    !unlabelled.some((value) => hasLabel(network.record.labels, value)) &&
    limits.every((limit) => parseRfc3339(network.record.created) < limit)
  );
  if (!dryRun) { for (const network of unused) removeNetwork(parts, network); }
  return { NetworksDeleted: unused.map(({ name }) => name) };
}
