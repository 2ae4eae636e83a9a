import { invalid } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { keyValues } from "../specs/environment.ts";

export const command = defineCommand({
  usage: "[OPTIONS] [VOLUME]",
  summary: "Create a volume",
  flags: {
    driver: { type: "string", short: "d", default: "local", help: "Specify volume driver name" },
    label: { type: "list", help: "Set metadata for a volume" },
    name: { type: "string", default: "", hidden: true, help: "Specify volume name" },
    opt: { type: "list", short: "o", shown: "map", help: "Set driver specific options" },
  },
  args: { min: 0, max: 1 },
  async run(context, { driver, label, name, opt }, [given]) {
    if (name !== "" && given !== undefined) {
      throw invalid("conflicting options: cannot specify a volume name through both --name and as a positional arg");
    }
    const { Name } = await context.engine.volumes.create({
      Name: given ?? name,
      Driver: driver,
      DriverOpts: keyValues(opt),
      Labels: keyValues(label),
    });
    context.stdout.print(`${Name}\n`);
    return 0;
  },
});
