import { defineCommand } from "../command.ts";
import { formatHelp, formatList, type ListView } from "../format/list_format.ts";

const letters = ["C", "A", "D"];

const view: ListView = {
  typeName: "change",
  headers: { Type: "CHANGE TYPE", Path: "PATH" },
  table: "table {{.Type}}\t{{.Path}}",
};

export const command = defineCommand({
  usage: "[OPTIONS] CONTAINER",
  summary: "Inspect changes to files or directories on a container's filesystem",
  flags: { format: { type: "string", help: formatHelp, default: "" } },
  args: { min: 1, max: 1 },
  async run(context, { format }, [container = ""]) {
    const changes = await context.engine.containers.changes(container);
    const rows = changes.map(({ Path, Kind }) => ({ Path, Type: letters[Kind] ?? "?" }));
    context.stdout.print(formatList(view, format === "" ? "{{.Type}} {{.Path}}" : format, false, rows));
    return 0;
  },
});
