import { defineCommand } from "../command.ts";
import { eachName } from "../each_name.ts";
import { stopFlags, stopOptions } from "../stop_options.ts";

export const command = defineCommand({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Stop one or more running containers",
  flags: stopFlags,
  args: { min: 1 },
  run: (context, flags, args) =>
    eachName(context, args, (id) => context.engine.containers.stop(id, stopOptions(flags))),
});
