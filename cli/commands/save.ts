import { invalid } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { printArchive, writeArchive } from "../image_archive.ts";

export const command = defineCommand({
  usage: "[OPTIONS] IMAGE [IMAGE...]",
  summary: "Save one or more images to a tar archive (streamed to STDOUT by default)",
  flags: {
    output: { type: "string", short: "o", help: "Write to a file, instead of STDOUT", default: "" },
  },
  args: { min: 1 },
  async run(context, { output }, images) {
    const { engine, stdout } = context;
    if (output !== "") await writeArchive(output, () => engine.images.save(images), "save image");
    else {
      if (stdout.isTerminal) throw invalid("cowardly refusing to save to a terminal. Use the -o flag or redirect");
      await printArchive(await engine.images.save(images), stdout);
    }
    return 0;
  },
});
