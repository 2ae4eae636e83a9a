/** Starts a command and waits for its end: what every timing of the bench is made of. */
import { findCommand } from "../../tests/support/machine.ts";

export interface Command {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
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
export async function finish({ argv, env, silent = false }: Command): Promise<string> {
  const [program = "", ...args] = argv;
  const output = await new Deno.Command(program, {
    args,
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
    stdout: silent ? "null" : "piped",
    stderr: silent ? "null" : "piped",
    signal: AbortSignal.timeout(300_000),
  }).output();
  const text = new TextDecoder();
  if (!output.success) throw new CommandFailed(argv, output.code, silent ? "" : text.decode(output.stderr));
  return silent ? "" : text.decode(output.stdout).trim();
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
