import { defineCommand } from "../command.ts";
import { eachName } from "../each_name.ts";

export const command = defineCommand({
  usage: "NETWORK [NETWORK...]",
  summary: "Remove one or more networks",
  flags: { force: { type: "bool", short: "f", help: "Do not error if the network does not exist" } },
  args: { min: 1 },
  run(context, { force }, networks) {
    const remove = (network: string) => context.engine.networks.remove(network);
    return eachName(context, networks, remove, { absent: force ? "fine" : "fails" });
  },
});
