import { defineCommand } from "../command.ts";

export const command = defineCommand({
  usage: "[OPTIONS] NETWORK CONTAINER",
  summary: "Disconnect a container from a network",
  flags: { force: { type: "bool", short: "f", help: "Force the container to disconnect from a network" } },
  args: { min: 2, max: 2 },
  async run(context, { force }, [network = "", container = ""]) {
    await context.engine.networks.disconnect(network, container, { force });
    return 0;
  },
});
