import type { EndpointSettings } from "../../base/docker/network.ts";
import { invalid } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { explainNetwork, explainNetworkFlag } from "../explain.ts";
import type { FlagTable, FlagValues } from "../flags.ts";
import { checkLink } from "../specs/address.ts";
import { commaValues } from "../specs/comma_fields.ts";
import { keyValues } from "../specs/environment.ts";

const flags = {
  "alias": { type: "list", shown: "strings", help: "Add network-scoped alias for the container" },
  "driver-opt": { type: "list", shown: "strings", help: "driver options for the network" },
  "explain": explainNetworkFlag,
  "ip": { type: "string", default: "", help: 'IPv4 address (e.g., "172.30.100.104")' },
  "ip6": { type: "string", default: "", help: 'IPv6 address (e.g., "2001:db8::33")' },
  "link": { type: "list", check: checkLink, help: "Add link to another container" },
  "link-local-ip": { type: "list", shown: "strings", help: "Add a link-local address for the container" },
} as const satisfies FlagTable;

type ConnectFlags = FlagValues<typeof flags>;

export const command = defineCommand({
  usage: "[OPTIONS] NETWORK CONTAINER",
  summary: "Connect a container to a network",
  flags,
  args: { min: 2, max: 2 },
  async run(context, flags, [network = "", container = ""]) {
    const options = { explain: flags.explain !== undefined };
    const explained = await context.engine.networks.connect(network, container, endpointOf(flags), options);
    await explainNetwork(context, flags.explain, explained);
    return 0;
  },
});

function endpointOf(flags: ConnectFlags): EndpointSettings {
  const options = commaValues(flags["driver-opt"]);
  if (options.some((option) => !/^[^=]+=/.test(option))) {
    throw invalid("invalid key/value pair format in driver options");
  }
  const linkLocal = commaValues(flags["link-local-ip"]);
  return {
    IPAMConfig: {
      ...flags.ip !== "" && { IPv4Address: flags.ip },
      ...flags.ip6 !== "" && { IPv6Address: flags.ip6 },
      ...linkLocal.length > 0 && { LinkLocalIPs: linkLocal },
    },
    ...flags.link.length > 0 && { Links: [...flags.link] },
    Aliases: commaValues(flags.alias),
    DriverOpts: keyValues(options),
  };
}
