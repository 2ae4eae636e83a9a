import { defineCommand } from "../command.ts";

export const command = defineCommand({
  usage: "VOLUME NEW_VOLUME",
  summary: "Create a volume with the same files as another",
  flags: {},
  args: { min: 2, max: 2 },
  async run({ engine, stdout }, _flags, [name = "", newName = ""]) {
    const { Name } = await engine.volumes.clone(name, newName);
    stdout.print(`${Name}\n`);
    return 0;
  },
});
