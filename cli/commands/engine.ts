import { internal } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  usage: "[OPTIONS]",
  summary: "Run the engine in the foreground",
  details: "To see to one that runs: 'sauropod engine status', 'sauropod engine stop'.",
  flags: {
    idle: { type: "duration", help: "Leave after so long with no request and no running container (default never)" },
  },
  args: { min: 0, max: 0 },
  async run({ runEngine, settings }, { idle }) {
    if (runEngine === undefined) throw internal("this program has no engine in it");
    return await runEngine(settings, idle === undefined ? {} : { idle: idle / 1e6 });
  },
});
