import type { ExecCreate } from "../../base/docker/exec.ts";
import { type Context, defineCommand } from "../command.ts";
import { explain, explainFlag } from "../explain.ts";
import type { FlagTable, FlagValues } from "../flags.ts";
import { pump } from "../pump.ts";
import { creationFailure, startFailure } from "../run_errors.ts";
import { checkEnvironment, readEnvironment } from "../specs/environment.ts";
import { checkTerminal, consoleSize, followSize } from "../terminal.ts";

const flags = {
  "detach": { type: "bool", short: "d", help: "Detached mode: run command in the background" },
  "detach-keys": { type: "string", help: "Override the key sequence for detaching a container" },
  "env": { type: "list", short: "e", check: checkEnvironment, help: "Set environment variables" },
  "env-file": { type: "list", help: "Read in a file of environment variables" },
  "explain": explainFlag,
  "interactive": { type: "bool", short: "i", help: "Keep STDIN open even if not attached" },
  "privileged": { type: "bool", help: "Give extended privileges to the command" },
  "tty": { type: "bool", short: "t", help: "Allocate a pseudo-TTY" },
  "user": { type: "string", short: "u", help: 'Username or UID (format: "<name|uid>[:<group|gid>]")' },
  "workdir": { type: "string", short: "w", help: "Working directory inside the container" },
} as const satisfies FlagTable;

type ExecFlags = FlagValues<typeof flags>;

export const command = defineCommand({
  usage: "[OPTIONS] CONTAINER COMMAND [ARG...]",
  summary: "Execute a command in a running container",
  flags,
  args: { min: 2 },
  interspersed: false,
  async run(context, flags, [container = "", ...words]) {
    const { execs } = context.engine;
    if (!flags.detach) checkTerminal(context, flags.interactive, flags.tty);
    const { Id } = await execs.create(container, execCreate(context, flags, words));
    await explain(context, flags.explain, () => execs.explain(Id));
    if (flags.detach) {
      await execs.start(Id, { detach: true, tty: flags.tty }).catch((error) => {
        throw startFailure(error);
      });
      return 0;
    }
    return await execForeground(context, flags, Id);
  },
});

async function execForeground(context: Context, flags: ExecFlags, id: string): Promise<number> {
  const { execs } = context.engine;
  const { tty, interactive: stdin } = flags;
  const [rows, columns] = consoleSize(context);
  const options = { tty, ...tty && rows > 0 && { consoleSize: { rows, columns } } };
  await using streams = await execs.start(id, options).catch((error) => {
    throw startFailure(error);
  });
  if (streams === undefined) return 0;
  using _size = tty && context.stdout.isTerminal ? followSize((size) => execs.resize(id, size)) : undefined;
  const keys = flags["detach-keys"];
  const left = await pump(context, streams, { stdin, tty, ...keys !== undefined && { detachKeys: keys } });
  const { Running, ExitCode } = await execs.inspect(id);
  if (!Running) return ExitCode ?? 0;
  if (left === "detached") context.stderr.print("read escape sequence\n");
  return 0;
}

function execCreate(context: Context, flags: ExecFlags, words: readonly string[]): ExecCreate {
  const { detach, interactive, tty } = flags;
  try {
    return {
      User: flags.user ?? "",
      Privileged: flags.privileged,
      Tty: tty,
      AttachStdin: interactive && !detach,
      AttachStdout: !detach,
      AttachStderr: !detach,
      DetachKeys: flags["detach-keys"] ?? "",
      Env: readEnvironment(flags["env-file"], flags.env, context.env),
      WorkingDir: flags.workdir ?? "",
      Cmd: [...words],
    };
  } catch (error) {
    throw creationFailure(error);
  }
}
