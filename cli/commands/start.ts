import { invalid } from "../../base/errors.ts";
import { type Context, defineCommand } from "../command.ts";
import { eachName } from "../each_name.ts";
import { explain, explainStartFlag, startExplained } from "../explain.ts";
import type { FlagTable, FlagValues } from "../flags.ts";
import { foreground } from "../foreground.ts";
import { startFailure } from "../run_errors.ts";
import { forwardSignals } from "../signal_proxy.ts";
import { checkTerminal } from "../terminal.ts";

const flags = {
  "attach": { type: "bool", short: "a", help: "Attach STDOUT/STDERR and forward signals" },
  "detach-keys": { type: "string", help: "Override the key sequence for detaching a container" },
  "explain": explainStartFlag,
  "interactive": { type: "bool", short: "i", help: "Attach container's STDIN" },
} as const satisfies FlagTable;

type StartFlags = FlagValues<typeof flags>;

export const command = defineCommand({
  usage: "[OPTIONS] CONTAINER [CONTAINER...]",
  summary: "Start one or more stopped containers",
  flags,
  args: { min: 1 },
  async run(context, flags, args) {
    const { containers } = context.engine;
    if (!flags.attach && !flags.interactive) {
      return await eachName(context, args, async (name) => {
        await explain(context, flags.explain, () => containers.explain(name));
        await startExplained(context, flags.explain, name);
      });
    }
    const [name = "", ...more] = args;
    if (more.length > 0) throw invalid("you cannot start and attach multiple containers at once");
    return await startAttached(context, flags, name);
  },
});

async function startAttached(context: Context, flags: StartFlags, name: string): Promise<number> {
  const { containers } = context.engine;
  const { Id, Config } = await containers.inspect(name);
  const stdin = flags.interactive && Config.OpenStdin;
  checkTerminal(context, stdin, Config.Tty);
  await explain(context, flags.explain, () => containers.explain(Id));
  using _signals = forwardSignals(context.engine, Id);
  const ended = containers.wait(Id, { condition: "next-exit" });
  ended.catch(() => {}); // it is looked at when the streams have ended
  const keys = flags["detach-keys"];
  const detachKeys = keys === undefined ? {} : { detachKeys: keys };
  await using streams = await containers.attach(Id, { stream: true, stdin, stdout: true, stderr: true, ...detachKeys });
  try {
    await startExplained(context, flags.explain, Id);
  } catch (error) {
    throw startFailure(error);
  }
  return await foreground(context, Id, streams, ended, { stdin, tty: Config.Tty, sigProxy: true, ...detachKeys });
}
