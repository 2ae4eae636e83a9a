import { defineCommand } from "../command.ts";
import { eachName } from "../each_name.ts";

export const command = defineCommand({
  usage: "CONTAINER [CONTAINER...]",
  summary: "Unpause all processes within one or more containers",
  flags: {},
  args: { min: 1 },
  run: (context, _flags, args) => eachName(context, args, (id) => context.engine.containers.unpause(id)),
});
