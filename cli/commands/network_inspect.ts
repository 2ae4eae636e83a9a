import { defineCommand } from "../command.ts";
import { inspectFormatHelp, inspectObjects } from "../inspect_objects.ts";

export const command = defineCommand({
  usage: "[OPTIONS] NETWORK [NETWORK...]",
  summary: "Display detailed information on one or more networks",
  flags: {
    format: { type: "string", short: "f", help: inspectFormatHelp, default: "" },
    verbose: { type: "bool", short: "v", help: "Verbose output for diagnostics" },
  },
  args: { min: 1 },
  run: (context, { format }, names) =>
    inspectObjects(context, names, format, [(name) => context.engine.networks.inspect(name)]),
});
