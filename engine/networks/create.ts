import type { NetworkCreate, NetworkCreated } from "../../base/docker/network.ts";
import { conflict, forbidden, invalid, notFound } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import { randomId } from "../../base/names.ts";
import { now } from "../../base/timestamps.ts";
import { checkPools } from "../../net/ipam/checks.ts";
import { type NetworkDriver, type NetworkRecord, PREDEFINED } from "../network_record.ts";
import type { Parts } from "../parts.ts";
import { checkMode } from "./parent_modes.ts";
import { publishNetworkEvent } from "./network_event.ts";
import { dissolveNetwork, realizeNetwork } from "./realize.ts";
import { completePools, takenSubnets } from "./subnets.ts";

const DRIVERS: readonly NetworkDriver[] = ["bridge", "macvlan", "ipvlan"];

/** Names as Docker allows them (moby, names.RestrictedNameChars). */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/**
 * Makes a network: all is checked, then its row is written, then its bridge is made.
 * @throws `conflict` for the name, `invalid` and `forbidden` for pools, `not_found` for the driver; with Docker's sentences.
 */
export function createNetwork(parts: Parts, request: NetworkCreate): NetworkCreated {
  const { Name: name, Driver: driver = "bridge" } = request;
  if (name.trim() === "") throw invalid("network name cannot be empty");
  if (!NAME.test(name)) {
    throw invalid(`invalid network name "${name}": only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
  }
  if (parts.networks.named(name) !== undefined || name === "default") {
    if (PREDEFINED.includes(name) || name === "default") {
      throw forbidden(`operation is not permitted on predefined ${name} network`);
    }
    throw conflict(`network with name ${name} already exists`);
  }
  if (request.Scope !== undefined && !["", "local"].includes(request.Scope)) {
    throw invalid(`scope ${request.Scope} is not served: networks are local to this host`);
  }
  if (request.Ingress) throw invalid("ingress networks belong to Docker's swarm, which is not served");
  if (driver === "host" || driver === "null") {
    throw forbidden(`only one instance of "${driver}" network is allowed`);
  }
  const known = DRIVERS.find((other) => other === (driver || "bridge"));
  if (known === undefined) {
    throw notFound(`could not resolve driver ${driver} in v1 plugin: plugin "${driver}" not found`);
  }
  const { parent } = request.Options ?? {};
  if (known !== "bridge" && !parent) throw invalid(`a network of driver ${known} needs the option parent=INTERFACE`);

  const id = randomId();
  const options = { ...request.Options };
  checkMode({ driver: known, options });
  const ipv6 = request.EnableIPv6 ?? false;
  const asked = request.IPAM?.Config ?? [];
  checkPools(asked, takenSubnets(parts));
  const record: NetworkRecord = {
    id,
    name,
    created: now(),
    driver: known,
    internal: request.Internal ?? false,
    attachable: request.Attachable ?? false,
    ipv6,
    options,
    labels: { ...request.Labels },
    pools: completePools(parts, id, asked, ipv6),
    chosenSubnet: asked.length > 0,
    ...known === "bridge" ? bridgeOf(parts, options, id) : { bridge: "" },
  };
  failpoint("network.create.row");
  using undo = new DisposableStack();
  const network = undo.adopt(parts.networks.add(record), (added) => parts.networks.delete(added));
  undo.defer(() => dissolveNetwork(parts, network));
  realizeNetwork(parts, network);
  failpoint("network.create.bridge");
  undo.move();
  publishNetworkEvent(parts, network, "create");
  return { Id: id, Warning: "" };
}

function bridgeOf(
  { host, networks }: Parts,
  options: Record<string, string>,
  id: string,
): Pick<NetworkRecord, "bridge" | "foreignBridge"> {
  const wanted = options["com.docker.network.bridge.name"];
  if (wanted === undefined || wanted === "") return { bridge: `br-${id.slice(0, 12)}` };
  if (!/^[^\s/:]{1,15}$/.test(wanted)) {
    throw invalid(`invalid bridge name "${wanted}": up to 15 characters, no / : or space`);
  }
  const user = [...networks].find(({ record }) => record.bridge === wanted);
  if (user !== undefined) {
    throw conflict(`bridge name "${wanted}" is already used by network ${user.name} (${user.id.slice(0, 12)})`);
  }
  const link = host.routes.link(wanted);
  if (link !== undefined && link.kind !== "bridge") throw invalid(`interface ${wanted} exists and is no bridge`);
  return { bridge: wanted, foreignBridge: link !== undefined };
}
