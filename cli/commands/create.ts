import { defineCommand } from "../command.ts";
import { containerFlags } from "../container_flags.ts";
import { containerRequest, createContainer } from "../create_container.ts";
import { explain, explainFlag } from "../explain.ts";
import { creationFailure } from "../run_errors.ts";

export const command = defineCommand({
  usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
  summary: "Create a new container",
  flags: { ...containerFlags, explain: explainFlag },
  args: { min: 1 },
  interspersed: false,
  async run(context, flags, args) {
    let id: string;
    try {
      id = await createContainer(context, flags, containerRequest(context, flags, args));
    } catch (error) {
      throw creationFailure(error);
    }
    await explain(context, flags.explain, () => context.engine.containers.explain(id));
    context.stdout.print(`${id}\n`);
    return 0;
  },
});
