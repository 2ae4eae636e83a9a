import { defineCommand } from "../command.ts";

export const command = defineCommand({
  usage: "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
  summary: "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
  flags: {},
  args: { min: 2, max: 2 },
  async run(context, _flags, [source = "", target = ""]) {
    await context.engine.images.tag(source, target);
    return 0;
  },
});
