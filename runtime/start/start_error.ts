import { EngineError, type ErrorClass } from "../../base/errors.ts";
import { ERRNO, errnoName, errnoText } from "../../sys/errno.ts";

/** Docker's exit codes for a container that could not be started. */
export const START_FAILED = 128, NOT_EXECUTABLE = 126, NOT_FOUND = 127, NO_EXEC_FORMAT = 255;

/** A process that did not get as far as the user's command. */
export class StartError extends EngineError {
  /** The exit code that stands for this failure, as Docker has it. */
  readonly exitCode: number;

  constructor(message: string, exitCode: number, { class: errorClass = "internal" }: { class?: ErrorClass } = {}) {
    super(errorClass, message);
    this.exitCode = exitCode;
  }
}

/** The exit code that stands for a failed start. */
export function exitCodeOf(error: unknown): number {
  for (let e = error; e instanceof Error; e = e.cause) {
    if (e instanceof StartError) return e.exitCode;
  }
  return START_FAILED;
}

const PREFIX = "unable to start container process: ";

/** `exec: "foo": executable file not found in $PATH`: Docker's clients match this sentence. */
export function notInPath(command: string): StartError {
  return new StartError(`${PREFIX}exec: ${JSON.stringify(command)}: executable file not found in $PATH`, NOT_FOUND, {
    class: "invalid",
  });
}

/** A command given as a path that may not be executed, or is not there. */
export function notExecutable(command: string, errno: number): StartError {
  const quoted = JSON.stringify(command);
  if (errno === ERRNO.ENOENT || errno === ERRNO.ENOTDIR) {
    return new StartError(`${PREFIX}exec: ${quoted}: stat ${command}: ${errnoText(errno)}`, NOT_FOUND, {
      class: "invalid",
    });
  }
  return new StartError(`${PREFIX}exec: ${quoted}: ${errnoText(errno)}`, NOT_EXECUTABLE, { class: "invalid" });
}

/** The execve itself failed: no such interpreter, a program for another machine, a directory. */
export function execFailed(command: string, errno: number): StartError {
  if (errno === ERRNO.EACCES) return notExecutable(command, errno);
  const exitCode = errno === ERRNO.ENOENT ? NOT_FOUND : errno === ERRNO.ENOEXEC ? NO_EXEC_FORMAT : NOT_EXECUTABLE;
  return new StartError(`${PREFIX}exec ${command}: ${errnoText(errno)}`, exitCode, { class: "invalid" });
}

/** The working directory cannot be entered. */
export function badWorkingDirectory(cwd: string, errno: number): StartError {
  const exitCode = errno === ERRNO.EACCES ? NOT_EXECUTABLE : NOT_FOUND;
  const message = `${PREFIX}chdir to cwd (${JSON.stringify(cwd)}) set in config.json failed: ${errnoText(errno)}`;
  return new StartError(message, exitCode, { class: "invalid" });
}

/** Any other step: its label and the error. */
export function stepFailed(label: string, errno: number): StartError {
  return new StartError(`${label}: ${errnoName(errno)}, ${errnoText(errno)}`, START_FAILED);
}
