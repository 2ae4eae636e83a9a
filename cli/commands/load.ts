import { invalid } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { showProgress } from "../format/progress.ts";
import { openTar } from "../archives.ts";

export const command = defineCommand({
  usage: "[OPTIONS]",
  summary: "Load an image from a tar archive or STDIN",
  flags: {
    input: { type: "string", short: "i", help: "Read from tar archive file, instead of STDIN", default: "" },
    quiet: { type: "bool", short: "q", help: "Suppress the load output" },
  },
  args: { min: 0, max: 0 },
  async run(context, flags) {
    if (flags.input === "" && context.stdin.isTerminal) {
      throw invalid("requested load from stdin, but stdin is empty");
    }
    const archive = await openTar(flags.input || "-", context.stdin);
    const quiet = flags.quiet || !context.stdout.isTerminal;
    await showProgress(context.stdout, context.engine.images.load(archive, { quiet }));
    return 0;
  },
});
