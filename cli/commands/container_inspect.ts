import { defineCommand } from "../command.ts";
import { inspectFormatHelp, inspectObjects } from "../inspect_objects.ts";

export const command = defineCommand({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Display detailed information on one or more containers",
  flags: {
    format: { type: "string", short: "f", help: inspectFormatHelp, default: "" },
    size: { type: "bool", short: "s", help: "Display total file sizes" },
  },
  args: { min: 1 },
  run: (context, { format, size }, names) =>
    inspectObjects(context, names, format, [(name) => context.engine.containers.inspect(name, { size })]),
});
