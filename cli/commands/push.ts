import { defineCommand } from "../command.ts";
import { showProgress } from "../format/progress.ts";
import { completeName, SILENT, tellDefaultTag } from "../pull_image.ts";
import { authFor } from "../registry_auth.ts";

export const command = defineCommand({
  usage: "[OPTIONS] NAME[:TAG]",
  summary: "Upload an image to a registry",
  flags: {
    "all-tags": { type: "bool", short: "a", help: "Push all tags of an image to the repository" },
    "quiet": { type: "bool", short: "q", help: "Suppress verbose output" },
  },
  args: { min: 1, max: 1 },
  async run(context, flags, [image = ""]) {
    tellDefaultTag(context, image, flags);
    const { stdout } = context;
    const options = { allTags: flags["all-tags"], ...await authFor(context, image) };
    await showProgress(flags.quiet ? SILENT : stdout, context.engine.images.push(image, options));
    if (flags.quiet) stdout.print(`${completeName(image)}\n`);
    return 0;
  },
});
