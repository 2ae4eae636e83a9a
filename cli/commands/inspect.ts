import { invalid } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { type Finder, inspectFormatHelp, inspectObjects } from "../inspect_objects.ts";

export const command = defineCommand({
  usage: "[OPTIONS] NAME|ID [NAME|ID...]",
  summary: "Return low-level information on objects",
  flags: {
    format: { type: "string", short: "f", help: inspectFormatHelp, default: "" },
    size: { type: "bool", short: "s", help: "Display total file sizes if the type is container" },
    type: {
      type: "string",
      help: 'Only inspect objects of the given type ("container", "image", "network", "volume")',
      default: "",
    },
  },
  args: { min: 1 },
  run(context, { format, size, type }, names) {
    const finders: Readonly<Record<string, Finder>> = {
      container: (name) => context.engine.containers.inspect(name, { size }),
      image: (name) => context.engine.images.inspect(name),
      network: (name) => context.engine.networks.inspect(name),
      volume: (name) => context.engine.volumes.inspect(name, { size }),
    };
    if (type === "") return inspectObjects(context, names, format, Object.values(finders));
    const finder = finders[type];
    if (finder === undefined) {
      const types = Object.keys(finders).map((known) => JSON.stringify(known)).join(", ");
      throw invalid(`unknown type: ${JSON.stringify(type)}: must be one of ${types}`);
    }
    if (size && type !== "container") context.stderr.print(`WARNING: --size ignored for ${type}\n`);
    return inspectObjects(context, names, format, [finder]);
  },
});
