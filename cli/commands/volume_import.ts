import { invalid } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { openArchive } from "../archives.ts";

export const command = defineCommand({
  usage: "VOLUME FILE|-",
  summary: "Fill a volume, which is made if it is missing, from a tar archive",
  flags: {},
  args: { min: 2, max: 2 },
  async run({ engine, stdin, stdout }, _flags, [name = "", source = ""]) {
    if (source === "-" && stdin.isTerminal) throw invalid("requested import from stdin, but stdin is empty");
    await engine.volumes.import(name, source === "-" ? stdin.readable : await openArchive(source));
    stdout.print(`${name}\n`);
    return 0;
  },
});
