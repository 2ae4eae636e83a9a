import { internal } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { eachName } from "../each_name.ts";

export const command = defineCommand({
  usage: "CONTAINER [CONTAINER...]",
  summary: "Block until one or more containers stop, then print their exit codes",
  flags: {},
  args: { min: 1 },
  run: (context, _flags, args) =>
    eachName(context, args, async (id) => {
      const { StatusCode, Error: failure } = await context.engine.containers.wait(id);
      if (failure !== undefined && failure !== null) throw internal(failure.Message);
      return String(StatusCode);
    }),
});
