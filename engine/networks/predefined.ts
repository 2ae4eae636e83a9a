import { randomId } from "../../base/names.ts";
import { now } from "../../base/timestamps.ts";
import { chooseSubnet } from "../../net/ipam/default_pools.ts";
import type { NetworkRecord } from "../network_record.ts";
import type { Parts } from "../parts.ts";
import { completePools, hostRoutes, takenSubnets } from "./subnets.ts";

/** Docker's own, unless a route of the host says otherwise. */
const DEFAULT_SUBNET = "172.17.0.0/16";

const ICC = "com.docker.network.bridge.enable_icc";

/** Makes `bridge`, `host` and `none` where the root folder has none of them. Nothing of the host is changed. */
export function makePredefined(parts: Parts): void {
  const plain = { created: now(), internal: false, attachable: false, ipv6: false, labels: {}, chosenSubnet: false };
  const add = (record: Pick<NetworkRecord, "name" | "driver" | "pools" | "bridge" | "options">) =>
    parts.networks.add({ id: randomId(), ...plain, ...record });
  if (parts.networks.named("bridge") === undefined) add(defaultBridge(parts));
  else followSettings(parts);
  if (parts.networks.named("host") === undefined) {
    add({ name: "host", driver: "host", pools: [], bridge: "", options: {} });
  }
  if (parts.networks.named("none") === undefined) {
    add({ name: "none", driver: "null", pools: [], bridge: "", options: {} });
  }
}

/** The administrator may have changed his mind about the default bridge since it was made. */
function followSettings({ networks, settings }: Parts): void {
  const bridge = networks.named("bridge");
  const wanted = String(settings.icc ?? true);
  if (bridge === undefined || bridge.record.options[ICC] === wanted) return;
  networks.add({ ...bridge.record, options: { ...bridge.record.options, [ICC]: wanted } });
}

/** The default bridge; its name is free, or that of an engine with other folders is left to it. */
function defaultBridge(parts: Parts): Pick<NetworkRecord, "name" | "driver" | "pools" | "bridge" | "options"> {
  const routes = hostRoutes(parts);
  const Subnet = chooseSubnet({ taken: takenSubnets(parts), routes, version: 4, wanted: DEFAULT_SUBNET });
  if (Subnet !== DEFAULT_SUBNET) {
    parts.log(`the network bridge gets ${Subnet}: a route of this host overlaps ${DEFAULT_SUBNET}`);
  }
  const bridge = parts.host.routes.link("sauropod0") === undefined ? "sauropod0" : `srpd-${randomId().slice(0, 8)}`;
  return {
    name: "bridge",
    driver: "bridge",
    pools: completePools(parts, "", [{ Subnet }], false),
    bridge,
    options: {
      "com.docker.network.bridge.default_bridge": "true",
      [ICC]: String(parts.settings.icc ?? true),
      "com.docker.network.bridge.enable_ip_masquerade": "true",
      "com.docker.network.bridge.host_binding_ipv4": "0.0.0.0",
      "com.docker.network.bridge.name": bridge,
      "com.docker.network.driver.mtu": "1500",
    },
  };
}
