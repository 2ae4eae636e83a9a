/** Starts a command and waits for its end: what every timing of the bench is made of. */
import type { Fd } from "../../sys/fd.ts";
import { withinNamespace } from "../../sys/namespace.ts";
import { findCommand } from "../../tests/support/machine.ts";

export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The network namespace in which it starts; that of the bench unless told. */
  readonly network?: Fd;
  /** Output goes nowhere: for what leaves a process behind that would hold our pipes (`runc run -d`). */
  readonly silent?: boolean;
}

/** A command of the bench that failed; what it printed is in the message. */
export class CommandFailed extends Error {
  constructor(argv: readonly string[], code: number, printed: string) {
    super(`${argv.at(0)} … ${argv.slice(-4).join(" ")} ended with ${code}: ${printed.trim()}`);
    this.name = "CommandFailed";
  }
}

/** Runs it to its end and gives its trimmed stdout. @throws CommandFailed when it does not end with 0 in five minutes. */
export async function finish(command: Command): Promise<string> {
  const child = start(command, AbortSignal.timeout(300_000));
  const text = new TextDecoder();
  if (command.silent) {
    const { success, code } = await child.status;
    if (!success) throw new CommandFailed(command.argv, code, "");
    return "";
  }
  const output = await child.output();
  if (!output.success) throw new CommandFailed(command.argv, output.code, text.decode(output.stderr));
  return text.decode(output.stdout).trim();
}

/** Starts it, which takes place on this very thread: so it is born where the thread is, and no `nsenter` is in the timing. */
export function start({ argv, env, network, silent = false }: Command, signal?: AbortSignal): Deno.ChildProcess {
  const [program = "", ...args] = argv;
  const command = new Deno.Command(program, {
    args,
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
    stdout: silent ? "null" : "piped",
    stderr: silent ? "null" : "piped",
    ...signal !== undefined && { signal },
  });
  return network === undefined ? command.spawn() : withinNamespace("net", network, () => command.spawn());
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The first line that a program prints, its own way of telling its version: `["runc", "--version"]`. */
export async function versionOf(...argv: string[]): Promise<string> {
  const [first = ""] = (await finish({ argv })).split("\n");
  return /\d+(\.\d+)+/.exec(first)?.[0] ?? first;
}

/** Whether all of these programs are on the PATH; the name of the first that is not. */
export function firstMissing(...names: string[]): string | undefined {
  return names.find((name) => findCommand(name) === undefined);
}
