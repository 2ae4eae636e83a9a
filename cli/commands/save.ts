import { deliverArchive } from "../archives.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  usage: "[OPTIONS] IMAGE [IMAGE...]",
  summary: "Save one or more images to a tar archive (streamed to STDOUT by default)",
  flags: {
    output: { type: "string", short: "o", help: "Write to a file, instead of STDOUT", default: "" },
  },
  args: { min: 1 },
  async run({ engine, stdout }, { output }, images) {
    await deliverArchive({ output, stdout }, () => engine.images.save(images), "save image");
    return 0;
  },
});
