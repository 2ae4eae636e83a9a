import { defineCommand } from "../command.ts";
import { alignColumns } from "../format/text_columns.ts";

export const command = defineCommand({
  usage: "CONTAINER [ps OPTIONS]",
  summary: "Display the running processes of a container",
  flags: {},
  args: { min: 1 },
  interspersed: false,
  async run(context, _flags, [container = "", ...options]) {
    const { Titles, Processes } = await context.engine.containers.top(container, options.join(" "));
    const lines = [Titles, ...Processes].map((cells) => `${cells.join("\t")}\n`).join("");
    context.stdout.print(alignColumns(lines, { minWidth: 20, padding: 3 }));
    return 0;
  },
});
