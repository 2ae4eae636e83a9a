import { EngineError } from "../base/errors.ts";

/**
 * A failure that says with which code the program leaves: 125 for what docker's flag parser refuses and for a container
 * that could not be run, 1 for commands and arguments. With 125, and wherever `seeHelp` says so, the main program adds
 * where help is.
 */
export class UsageError extends EngineError {
  readonly exitCode: number;
  readonly seeHelp: boolean;

  constructor(message: string, exitCode = 125, seeHelp: boolean = exitCode === 125) {
    super("invalid", message);
    this.exitCode = exitCode;
    this.seeHelp = seeHelp;
  }
}
