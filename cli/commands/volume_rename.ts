import { defineCommand } from "../command.ts";

export const command = defineCommand({
  usage: "VOLUME NEW_NAME",
  summary: "Rename a volume that no container uses",
  flags: {},
  args: { min: 2, max: 2 },
  async run({ engine }, _flags, [name = "", newName = ""]) {
    await engine.volumes.rename(name, newName);
    return 0;
  },
});
