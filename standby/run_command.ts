import { ensureStandby, standbyPlace, standsBy } from "./place.ts";

/** A program whose commands other processes of it may stand by for. */
export interface Program {
  /** Runs a command; gives its exit code. */
  run(args: readonly string[]): Promise<number>;
  /** Whether a command is to be run by a process that was started for it. */
  wantsOwnProcess(args: readonly string[], atTerminal: boolean): boolean;
  /** Loads what commands need, ahead of them. */
  load(): Promise<unknown>;
  /** Whether a command has used up what a process has only once, such as its standard input. */
  isSpent(): boolean;
}

/**
 * Runs the command that this process was started with, or, if it was started to stand by, those of whoever comes. Gives
 * the exit code. The next command will find somebody who stands by.
 */
export async function runCommand(program: Program): Promise<number> {
  const place = standbyPlace();
  if (place !== undefined && standsBy()) {
    const { standBy } = await import("./stand_by.ts");
    await standBy(place, program);
    return 0;
  }
  const code = await program.run(Deno.args);
  if (place !== undefined && !program.wantsOwnProcess(Deno.args, false)) await ensureStandby(place);
  return code;
}
