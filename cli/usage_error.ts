import { EngineError } from "../base/errors.ts";

/**
 * The command line itself is wrong: an unknown flag, a bad value, a missing argument. The main program adds where help
 * is and leaves with `exitCode`: 125, as docker for what its flag parser refuses, or 1 for commands and arguments.
 */
export class UsageError extends EngineError {
  readonly exitCode: number;

  constructor(message: string, exitCode = 125) {
    super("invalid", message);
    this.exitCode = exitCode;
  }
}
