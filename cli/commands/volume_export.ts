import { invalid } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { printArchive, writeArchive } from "../image_archive.ts";

export const command = defineCommand({
  usage: "[OPTIONS] VOLUME",
  summary: "Write what is in a volume to a tar archive (streamed to STDOUT by default)",
  flags: { output: { type: "string", short: "o", help: "Write to a file, instead of STDOUT", default: "" } },
  args: { min: 1, max: 1 },
  async run({ engine, stdout }, { output }, [name = ""]) {
    if (output !== "") await writeArchive(output, () => engine.volumes.export(name), "export volume");
    else {
      if (stdout.isTerminal) throw invalid("cowardly refusing to save to a terminal. Use the -o flag or redirect");
      await printArchive(await engine.volumes.export(name), stdout);
    }
    return 0;
  },
});
