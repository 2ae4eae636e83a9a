import { invalid, unimplemented } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { showProgress } from "../format/progress.ts";
import { openTar } from "../archives.ts";

export const command = defineCommand({
  usage: "[OPTIONS] file|- [REPOSITORY[:TAG]]",
  summary: "Import the contents from a tarball to create a filesystem image",
  flags: {
    change: { type: "list", short: "c", help: "Apply Dockerfile instruction to the created image" },
    message: { type: "string", short: "m", help: "Set commit message for imported image" },
    platform: { type: "string", help: "Set platform if server is multi-platform capable" },
  },
  args: { min: 1, max: 2 },
  async run(context, { change, message, platform }, [source = "", reference]) {
    if (/^https?:\/\//.test(source)) {
      throw unimplemented(`import of a URL is not supported: fetch it and pipe it in (curl -L ${source} | … import -)`);
    }
    if (source === "-" && context.stdin.isTerminal) throw invalid("requested import from stdin, but stdin is empty");
    const tar = await openTar(source, context.stdin);
    const messages = context.engine.images.import(tar, {
      changes: change,
      ...(reference === undefined ? {} : { reference }),
      ...(message === undefined ? {} : { message }),
      ...(platform === undefined ? {} : { platform }),
    });
    await showProgress(context.stdout, messages);
    return 0;
  },
});
