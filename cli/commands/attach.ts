import { invalid } from "../../base/errors.ts";
import { defineCommand } from "../command.ts";
import { foreground } from "../foreground.ts";
import { forwardSignals } from "../signal_proxy.ts";
import { checkTerminal } from "../terminal.ts";

export const command = defineCommand({
  usage: "[OPTIONS] CONTAINER",
  summary: "Attach local standard input, output, and error streams to a running container",
  flags: {
    "detach-keys": { type: "string", help: "Override the key sequence for detaching a container" },
    "no-stdin": { type: "bool", help: "Do not attach STDIN" },
    "sig-proxy": { type: "bool", default: true, help: "Proxy all received signals to the process" },
  },
  args: { min: 1, max: 1 },
  async run(context, flags, [name = ""]) {
    const { containers } = context.engine;
    const { Id, State, Config } = await containers.inspect(name);
    if (!State.Running) throw invalid("You cannot attach to a stopped container, start it first");
    if (State.Paused) throw invalid("You cannot attach to a paused container, unpause it first");
    if (State.Restarting) throw invalid("You cannot attach to a restarting container, wait until it is running");
    const stdin = !flags["no-stdin"] && Config.OpenStdin;
    checkTerminal(context, stdin, Config.Tty);
    const ended = containers.wait(Id);
    ended.catch(() => {}); // it is looked at when the streams have ended
    const keys = flags["detach-keys"];
    const detachKeys = keys === undefined ? {} : { detachKeys: keys };
    const sigProxy = flags["sig-proxy"] && !Config.Tty;
    using _signals = sigProxy ? forwardSignals(context.engine, Id) : undefined;
    await using streams = await containers.attach(Id, {
      stream: true,
      stdin,
      stdout: true,
      stderr: true,
      ...detachKeys,
    });
    return await foreground(context, Id, streams, ended, { stdin, tty: Config.Tty, sigProxy, ...detachKeys });
  },
});
