import { defineCommand } from "../command.ts";
import { errorText } from "../error_text.ts";

export const command = defineCommand({
  usage: "[OPTIONS] VOLUME [VOLUME...]",
  summary: "Remove one or more volumes",
  flags: { force: { type: "bool", short: "f", help: "Do not error if the volume does not exist" } },
  args: { min: 1 },
  async run(context, { force }, volumes) {
    let code = 0;
    for (const volume of volumes) {
      try {
        await context.engine.volumes.remove(volume, { force });
        context.stdout.print(`${volume}\n`);
      } catch (error) {
        context.stderr.print(`${errorText(error)}\n`);
        code = 1;
      }
    }
    return code;
  },
});
