import { HttpClient } from "../../api/client/http.ts";
import { apiPath } from "../../api/client/path.ts";
import { connect } from "../../api/client/connect.ts";
import { errorClass, unavailable } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";

/** Milliseconds. */
const longestStop = 10_000;

export const command = defineCommand({
  usage: "",
  summary: "Stop the engine; containers go on",
  flags: {},
  args: { min: 0, max: 0 },
  async run({ settings, stdout }) {
    const pid = await enginePid(settings.socket);
    if (pid === undefined) {
      stdout.print(`not running: nobody listens on ${settings.socket}\n`);
      return 0;
    }
    const http = new HttpClient(settings.socket);
    await (await http.request({ method: "POST", path: apiPath("/engine/stop") })).text();
    http.close();
    for (const deadline = Date.now() + longestStop; Date.now() < deadline;) {
      if (!await runs(pid)) return 0;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw unavailable(`the engine (process ${pid}) has not ended after ${longestStop / 1000} s`);
  },
});

async function enginePid(socket: string): Promise<number | undefined> {
  try {
    return (await connect(socket).system.info()).EnginePid;
  } catch (error) {
    if (errorClass(error) === "unavailable") return undefined;
    throw error;
  }
}

/** One that has ended counts as gone also before somebody has reaped it: that takes the init of some machines seconds. */
async function runs(pid: number): Promise<boolean> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  return /\) [^ZX] [^)]*$/.test(stat);
}
