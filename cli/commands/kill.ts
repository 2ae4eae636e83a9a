import { defineCommand } from "../command.ts";
import { eachName } from "../each_name.ts";

export const command = defineCommand({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Kill one or more running containers",
  flags: {
    signal: { type: "string", short: "s", help: "Signal to send to the container" },
  },
  args: { min: 1 },
  run: (context, { signal }, args) =>
    eachName(context, args, (id) => context.engine.containers.kill(id, signal === undefined ? {} : { signal })),
});
