import { deliverArchive } from "../archives.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  usage: "[OPTIONS] VOLUME",
  summary: "Write what is in a volume to a tar archive (streamed to STDOUT by default)",
  flags: { output: { type: "string", short: "o", help: "Write to a file, instead of STDOUT", default: "" } },
  args: { min: 1, max: 1 },
  async run({ engine, stdout }, { output }, [name = ""]) {
    await deliverArchive({ output, stdout }, () => engine.volumes.export(name), "export volume");
    return 0;
  },
});
