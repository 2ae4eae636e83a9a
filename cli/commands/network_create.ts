import type { NetworkCreate } from "../../base/docker/network.ts";
import { invalid } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { explainNetwork, explainNetworkFlag } from "../explain.ts";
import type { FlagTable, FlagValues } from "../flags.ts";
import { commaValues } from "../specs/comma_fields.ts";
import { keyValues } from "../specs/environment.ts";
import { parsePools } from "../specs/ipam.ts";
import { checkPublishMode } from "../specs/modes.ts";

const flags = {
  "attachable": { type: "bool", help: "Enable manual container attachment" },
  "aux-address": { type: "list", shown: "map", help: "Auxiliary IPv4 or IPv6 addresses used by Network driver" },
  "driver": { type: "string", short: "d", default: "bridge", help: "Driver to manage the Network" },
  "explain": explainNetworkFlag,
  "gateway": { type: "list", shown: "strings", help: "IPv4 or IPv6 Gateway for the master subnet" },
  "ingress": { type: "bool", hidden: true, help: "Create swarm routing-mesh network" },
  "internal": { type: "bool", help: "Restrict external access to the network" },
  "ip-range": { type: "list", shown: "strings", help: "Allocate container ip from a sub-range" },
  "ipam-driver": { type: "string", default: "default", help: "IP Address Management Driver" },
  "ipam-opt": { type: "list", shown: "map", help: "Set IPAM driver specific options" },
  "ipv4": { type: "bool", default: true, hidden: true, help: "Enable or disable IPv4 address assignment" },
  "ipv6": { type: "bool?", help: "Enable or disable IPv6 address assignment" },
  "label": { type: "list", check: checkLabel, help: "Set metadata on a network" },
  "opt": { type: "list", short: "o", shown: "map", help: "Set driver specific options" },
  "publish-mode": {
    type: "string",
    default: "",
    help: "How its containers' published ports are served (dnat|proxy|proxy-protocol)",
  },
  "scope": { type: "string", default: "", help: "Control the network's scope" },
  "subnet": { type: "list", shown: "strings", help: "Subnet in CIDR format that represents a network segment" },
} as const satisfies FlagTable;

type NetworkFlags = FlagValues<typeof flags>;

export const command = defineCommand({
  usage: "[OPTIONS] NETWORK",
  summary: "Create a network",
  flags,
  args: { min: 1, max: 1 },
  async run(context, flags, [name = ""]) {
    const options = { explain: flags.explain !== undefined };
    const created = await context.engine.networks.create(networkCreate(flags, name), options);
    await explainNetwork(context, flags.explain, created);
    if (created.Warning !== "") context.stderr.print(`WARNING: ${created.Warning}\n`);
    context.stdout.print(`${created.Id}\n`);
    return 0;
  },
});

function networkCreate(flags: NetworkFlags, name: string): NetworkCreate {
  if (!flags.ipv4) throw invalid("networks without IPv4 are not supported");
  checkPublishMode(flags["publish-mode"]);
  return {
    Name: name,
    Driver: flags.driver,
    Scope: flags.scope,
    ...flags.ipv6 !== undefined && { EnableIPv6: flags.ipv6 },
    IPAM: {
      Driver: flags["ipam-driver"],
      Options: keyValues(flags["ipam-opt"]),
      Config: parsePools({
        subnets: commaValues(flags.subnet),
        ranges: commaValues(flags["ip-range"]),
        gateways: commaValues(flags.gateway),
        auxiliary: keyValues(flags["aux-address"]),
      }),
    },
    Internal: flags.internal,
    Attachable: flags.attachable,
    Ingress: flags.ingress,
    Options: {
      ...keyValues(flags.opt),
      ...flags["publish-mode"] !== "" && { "sauropod.publish_mode": flags["publish-mode"] },
    },
    Labels: keyValues(flags.label),
  };
}

function checkLabel(text: string): void {
  if (text === "" || text.startsWith("=")) throw invalid(`invalid label '${text}': empty name`);
}
