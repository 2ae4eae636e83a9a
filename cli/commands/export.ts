import { deliverArchive } from "../archives.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  usage: "[OPTIONS] CONTAINER",
  summary: "Export a container's filesystem as a tar archive",
  flags: { output: { type: "string", short: "o", help: "Write to a file, instead of STDOUT", default: "" } },
  args: { min: 1, max: 1 },
  async run({ engine, stdout }, { output }, [container = ""]) {
    await deliverArchive({ output, stdout }, () => engine.containers.export(container), "export container");
    return 0;
  },
});
