import type { AttachedStreams } from "../../base/container_engine.ts";
import type { ContainerCreate, WaitResult } from "../../base/docker/container.ts";
import { type Context, defineCommand } from "../command.ts";
import { containerFlags } from "../container_flags.ts";
import { containerRequest, createContainer } from "../create_container.ts";
import { explain, explainStartFlag, startExplained } from "../explain.ts";
import type { FlagTable, FlagValues } from "../flags.ts";
import { foreground } from "../foreground.ts";
import { creationFailure, startFailure } from "../run_errors.ts";
import { forwardSignals } from "../signal_proxy.ts";
import { checkTerminal } from "../terminal.ts";
import { UsageError } from "../usage_error.ts";

const flags = {
  ...containerFlags,
  "detach": { type: "bool", short: "d", help: "Run container in background and print container ID" },
  "detach-keys": { type: "string", help: "Override the key sequence for detaching a container" },
  "explain": explainStartFlag,
  "sig-proxy": { type: "bool", default: true, help: "Proxy received signals to the process" },
} as const satisfies FlagTable;

type RunFlags = FlagValues<typeof flags>;

/**
 * The order is docker's: create; attach and wait, so that neither the first output nor a quick end is missed; start; carry
 * the streams; leave with the container's exit code.
 */
export const command = defineCommand({
  usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
  summary: "Create and run a new container from an image",
  flags,
  args: { min: 1 },
  interspersed: false,
  async run(context, flags, args) {
    const config = request(context, flags, args);
    const id = await createContainer(context, flags, config).catch((error) => {
      throw creationFailure(error);
    });
    using _signals = flags["sig-proxy"] && !flags.detach ? forwardSignals(context.engine, id) : undefined;
    await explain(context, flags.explain, () => context.engine.containers.explain(id));
    const { AttachStdin = false, AttachStdout = false, AttachStderr = false } = config;
    const showsOutput = AttachStdout || AttachStderr;
    const ended = showsOutput ? waitForEnd(context, flags, id) : undefined;
    await using streams = AttachStdin || showsOutput ? await attach(context, flags, config, id) : undefined;
    await start(context, flags, id, ended);
    if (!showsOutput) context.stdout.print(`${id}\n`);
    if (streams === undefined) return 0;
    const code = await foreground(context, id, streams, ended ?? Promise.resolve({ StatusCode: 0 }), {
      stdin: AttachStdin,
      stdout: AttachStdout,
      stderr: AttachStderr,
      tty: flags.tty,
      sigProxy: flags["sig-proxy"],
      ...flags["detach-keys"] !== undefined && { detachKeys: flags["detach-keys"] },
    });
    return showsOutput ? code : 0;
  },
});

function request(context: Context, flags: RunFlags, args: readonly string[]): ContainerCreate {
  if (flags.detach && flags.attach.length > 0) {
    throw new UsageError("conflicting options: cannot specify both --attach and --detach");
  }
  let config: ContainerCreate;
  try {
    config = containerRequest(context, flags, args);
  } catch (error) {
    throw creationFailure(error);
  }
  if (flags.detach) {
    return { ...config, AttachStdin: false, AttachStdout: false, AttachStderr: false, StdinOnce: false };
  }
  checkTerminal(context, config.AttachStdin === true, flags.tty);
  return config;
}

/** With `--rm` the end is that of the container's removal: then the next command finds the name free. */
function waitForEnd({ engine }: Context, flags: RunFlags, id: string): Promise<WaitResult> {
  const ended = engine.containers.wait(id, { condition: flags.rm ? "removed" : "next-exit" });
  ended.catch(() => {}); // it is looked at when the streams have ended
  return ended;
}

function attach({ engine }: Context, flags: RunFlags, config: ContainerCreate, id: string): Promise<AttachedStreams> {
  const { AttachStdin: stdin = false, AttachStdout: stdout = false, AttachStderr: stderr = false } = config;
  const keys = flags["detach-keys"];
  return engine.containers.attach(id, {
    stream: true,
    stdin,
    stdout,
    stderr,
    ...keys !== undefined && { detachKeys: keys },
  });
}

async function start(context: Context, flags: RunFlags, id: string, ended?: Promise<WaitResult>): Promise<void> {
  try {
    await startExplained(context, flags.explain, id);
  } catch (error) {
    // The engine removes what could not be started with --rm: we leave when that is done.
    if (flags.rm) await ended?.catch(() => {});
    throw startFailure(error);
  }
}
