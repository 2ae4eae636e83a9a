import { errorClass } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { errorText } from "../error_text.ts";

export const command = defineCommand({
  usage: "NETWORK [NETWORK...]",
  summary: "Remove one or more networks",
  flags: { force: { type: "bool", short: "f", help: "Do not error if the network does not exist" } },
  args: { min: 1 },
  async run(context, { force }, networks) {
    let code = 0;
    for (const network of networks) {
      try {
        await context.engine.networks.remove(network);
        context.stdout.print(`${network}\n`);
      } catch (error) {
        if (force && errorClass(error) === "not_found") continue;
        context.stderr.print(`${errorText(error)}\n`);
        code = 1;
      }
    }
    return code;
  },
});
