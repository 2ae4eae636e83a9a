/**
 * A command is a table of flags and a function. `cli/commands.ts` says which module holds it and under which names it is
 * called (`ps`, `container ls`); the main program parses the line, makes the context, runs the function and leaves with
 * the number that it returns. What it throws is told on stderr in docker's form; the exit code is then 1, or what
 * `cli/exit_code.ts` says.
 */
import type { Bytes, ContainerEngine } from "../base/container_engine.ts";
import type { Settings } from "../base/settings.ts";
import type { FlagTable, FlagValues } from "./flags.ts";

/** stdout or stderr. */
export interface Output {
  readonly isTerminal: boolean;
  /** Writes all of it before it returns; no line end is added. For tables and messages. */
  print(text: string): void;
  /** Writes all of it without holding up the program. For the output of containers and images. */
  write(data: Bytes): Promise<void>;
}

export interface Input {
  readonly isTerminal: boolean;
  /** May be taken once. */
  readonly readable: ReadableStream<Bytes>;
  /** Where it lies, if it is a plain file of which nothing has been read. */
  readonly file?: string | undefined;
}

/** What a command has to work with; tests give their own. */
export interface Context {
  /** Connects at the first call, and starts an engine when none listens. */
  readonly engine: ContainerEngine;
  readonly settings: Settings;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** A variable of the environment. */
  env(name: string): string | undefined;
  /** Runs an engine in this process until it ends; only the program has it, for `sauropod engine`. `idle` is milliseconds. */
  readonly runEngine?: (settings: Settings, options: { readonly idle?: number }) => Promise<number>;
  /**
   * The terminal at stdin stops changing what is printed on it; only the program can do it, and tests need not. Undone
   * by `Deno.stdin.setRaw(false)`.
   */
  readonly rawOutput?: () => Promise<void>;
  /** Lets the programs that this one starts have no descriptor of ours but 0, 1 and 2; only the program can do it. */
  readonly closeOnExec?: () => Promise<void>;
  /** The words with which the command was called: `sauropod container ls`. */
  readonly invocation: string;
}

/** A command; `defineCommand` makes it from a definition whose flags are typed. */
export interface Command {
  /** What follows the command's name: `[OPTIONS] CONTAINER [CONTAINER...]`. */
  readonly usage: string;
  /** One line, as docker's help has it. */
  readonly summary: string;
  /** What the help of this command says beyond that. */
  readonly details?: string;
  readonly flags: FlagTable;
  /** How many arguments; without `max` any number from `min` up. */
  readonly args: { readonly min: number; readonly max?: number };
  /** Whether options may follow arguments; true when absent. */
  readonly interspersed?: boolean;
  /** Gives the exit code. */
  run(context: Context, flags: Readonly<Record<string, unknown>>, args: readonly string[]): Promise<number>;
}

/** A command whose `run` knows the types of its flags (`flags: {…} as const satisfies FlagTable`). */
export interface CommandDefinition<T extends FlagTable> extends Omit<Command, "flags" | "run"> {
  readonly flags: T;
  run(context: Context, flags: FlagValues<T>, args: readonly string[]): Promise<number>;
}

/**
 * A command from its definition: `export const command = defineCommand({ usage: "…", flags: { … }, async run(…) {…} })`.
 * The types of the flags are inferred from the table.
 */
export function defineCommand<const T extends FlagTable>(definition: CommandDefinition<T>): Command {
  return {
    ...definition,
    // The parser makes the values from this very table.
    run: (context, flags, args) => definition.run(context, flags as FlagValues<T>, args),
  };
}
