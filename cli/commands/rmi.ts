import { errorClass } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { errorText } from "../error_text.ts";

export const command = defineCommand({
  usage: "[OPTIONS] IMAGE [IMAGE...]",
  summary: "Remove one or more images",
  flags: {
    "force": { type: "bool", short: "f", help: "Force removal of the image" },
    "no-prune": { type: "bool", help: "Do not delete untagged parents" },
  },
  args: { min: 1 },
  async run(context, { force, "no-prune": noPrune }, images) {
    let code = 0;
    for (const image of images) {
      try {
        for (const item of await context.engine.images.remove(image, { force, noPrune })) {
          context.stdout.print("Untagged" in item ? `Untagged: ${item.Untagged}\n` : `Deleted: ${item.Deleted}\n`);
        }
      } catch (error) {
        context.stderr.print(`${errorText(error)}\n`);
        // With force, what is not there is as good as removed.
        if (!force || errorClass(error) !== "not_found") code = 1;
      }
    }
    return code;
  },
});
