import { defineCommand } from "../command.ts";
import { eachName } from "../each_name.ts";
import { invalid } from "../../base/errors.ts";

export const command = defineCommand({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Remove one or more containers",
  flags: {
    force: { type: "bool", short: "f", help: "Force the removal of a running container (uses SIGKILL)" },
    link: { type: "bool", short: "l", help: "Remove the specified link" },
    volumes: { type: "bool", short: "v", help: "Remove anonymous volumes associated with the container" },
  },
  args: { min: 1 },
  run(context, { force, link, volumes }, args) {
    if (link) throw invalid("links cannot be removed: create the container again without --link");
    const remove = (id: string) => context.engine.containers.remove(id, { force, volumes });
    return eachName(context, args, remove, { absent: force ? "told" : "fails" });
  },
});
