import { invalid } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { printArchive, writeArchive } from "../image_archive.ts";

export const command = defineCommand({
  usage: "[OPTIONS] CONTAINER",
  summary: "Export a container's filesystem as a tar archive",
  flags: { output: { type: "string", short: "o", help: "Write to a file, instead of STDOUT", default: "" } },
  args: { min: 1, max: 1 },
  async run({ engine, stdout }, { output }, [container = ""]) {
    if (output !== "") await writeArchive(output, () => engine.containers.export(container), "export container");
    else {
      if (stdout.isTerminal) throw invalid("cowardly refusing to save to a terminal. Use the -o flag or redirect");
      await printArchive(await engine.containers.export(container), stdout);
    }
    return 0;
  },
});
