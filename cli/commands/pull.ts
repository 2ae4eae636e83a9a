import { defineCommand } from "../command.ts";
import { completeName, pullWithProgress, tellDefaultTag } from "../pull_image.ts";

export const command = defineCommand({
  usage: "[OPTIONS] NAME[:TAG|@DIGEST]",
  summary: "Download an image from a registry",
  flags: {
    "all-tags": { type: "bool", short: "a", help: "Download all tagged images in the repository" },
    "platform": { type: "string", help: "Set platform if server is multi-platform capable", default: "" },
    "quiet": { type: "bool", short: "q", help: "Suppress verbose output" },
  },
  args: { min: 1, max: 1 },
  async run(context, flags, [image = ""]) {
    tellDefaultTag(context, image, flags);
    const { stdout } = context;
    const options = { allTags: flags["all-tags"], platform: flags.platform };
    await pullWithProgress(context, image, options, flags.quiet ? undefined : stdout);
    const name = completeName(image);
    stdout.print(`${flags["all-tags"] ? name.replace(/:latest$/, "") : name}\n`);
    return 0;
  },
});
