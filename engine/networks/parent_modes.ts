/** How stations share a parent's cable: options of the drivers macvlan and ipvlan. */
import { invalid } from "../../base/errors.ts";
import type { NewIpvlan, NewMacvlan } from "../../net/route_socket.ts";
import type { NetworkRecord } from "../network_record.ts";

const MACVLAN: readonly NewMacvlan["mode"][] = ["bridge", "private", "vepa", "passthru"];
const IPVLAN: readonly NewIpvlan["mode"][] = ["l2", "l3", "l3s"];

export function macvlanMode({ options }: Pick<NetworkRecord, "options">): NewMacvlan["mode"] {
  return chosen(MACVLAN, options["macvlan_mode"] ?? "bridge", "macvlan");
}

export function ipvlanMode({ options }: Pick<NetworkRecord, "options">): NewIpvlan["mode"] {
  return chosen(IPVLAN, options["ipvlan_mode"] ?? "l2", "ipvlan");
}

/** @throws `invalid` for a mode that the driver does not have */
export function checkMode(network: Pick<NetworkRecord, "driver" | "options">): void {
  if (network.driver === "macvlan") macvlanMode(network);
  if (network.driver === "ipvlan") ipvlanMode(network);
}

function chosen<T extends string>(modes: readonly T[], wanted: string, driver: string): T {
  const mode = modes.find((one) => one === wanted);
  if (mode === undefined) {
    throw invalid(`requested ${driver} mode '${wanted}' is not valid, there are ${modes.join(", ")}`);
  }
  return mode;
}
