import { invalid } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";

export const command = defineCommand({
  usage: "CONTAINER NEW_NAME",
  summary: "Rename a container",
  flags: {},
  args: { min: 2, max: 2 },
  async run({ engine }, _flags, [old = "", name = ""]) {
    if (old.trim() === "" || name.trim() === "") {
      throw invalid("Error: Neither old nor new names may be empty");
    }
    await engine.containers.rename(old.trim(), name.trim());
    return 0;
  },
});
