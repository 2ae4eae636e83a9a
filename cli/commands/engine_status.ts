import { connect } from "../../api/client/connect.ts";
import { errorClass } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";

/** As systemctl(1) and the init scripts of the LSB have it. */
const notRunning = 3;

export const command = defineCommand({
  usage: "",
  summary: "Say whether an engine runs; starts none",
  flags: {},
  args: { min: 0, max: 0 },
  async run({ settings, stdout }) {
    try {
      const { EnginePid, ServerVersion, ContainersRunning, Containers } = await connect(settings.socket).system.info();
      stdout.print(
        `running: process ${EnginePid}, version ${ServerVersion}, ${ContainersRunning} of ${Containers} containers ` +
          `running, listening on ${settings.socket}\n`,
      );
      return 0;
    } catch (error) {
      if (errorClass(error) !== "unavailable") throw error;
      stdout.print(`not running: nobody listens on ${settings.socket}\n`);
      return notRunning;
    }
  },
});
