import { defineCommand } from "../command.ts";
import { eachName } from "../each_name.ts";

export const command = defineCommand({
  usage: "[OPTIONS] VOLUME [VOLUME...]",
  summary: "Remove one or more volumes",
  flags: { force: { type: "bool", short: "f", help: "Do not error if the volume does not exist" } },
  args: { min: 1 },
  run(context, { force }, volumes) {
    return eachName(context, volumes, (volume) => context.engine.volumes.remove(volume, { force }));
  },
});
