import { defineCommand } from "../command.ts";
import { inspectFormatHelp, inspectObjects } from "../inspect_objects.ts";

export const command = defineCommand({
  usage: "[OPTIONS] VOLUME [VOLUME...]",
  summary: "Display detailed information on one or more volumes: also how large they are, and who uses them",
  flags: { format: { type: "string", short: "f", help: inspectFormatHelp, default: "" } },
  args: { min: 1 },
  run: (context, { format }, names) =>
    inspectObjects(context, names, format, [(name) => context.engine.volumes.inspect(name, { size: true })]),
});
