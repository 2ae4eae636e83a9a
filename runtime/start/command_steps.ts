import type { ProcessSpec } from "../container_spec.ts";
import { invalid } from "../../base/errors.ts";
import { packSignalSet, SIG_SETMASK } from "../../sys/process_flags.ts";
import { bytes, named, textArray, words } from "../tape/argument.ts";
import * as call from "../tape/call.ts";
import { Place, type StepOptions, type Tape } from "../tape/tape.ts";
import type { Init } from "./init_steps.ts";
import { execFailed, notExecutable, notInPath } from "./start_error.ts";

/**
 * Executes the command: the first of its candidates that may be executed, after `beforeCommand` has added its steps. The seccomp filter comes after the look at the
 * file and before execve, because a filter may forbid the former and must allow the latter.
 */
export function commandSteps(
  tape: Tape,
  process: ProcessSpec,
  init: Init | undefined,
  beforeCommand: () => void,
): void {
  const [command = ""] = process.args;
  const candidates = candidatesOf(command, process.env);
  if (candidates.length === 0) throw notInPath(command);
  init?.prepare(tape);
  const argv = textArray(process.args), envp = textArray(process.env);
  const filter = process.seccomp && words(
    [process.seccomp.length / 8, bytes(process.seccomp, "filter")],
    `{${process.seccomp.length / 8} instructions}`,
  );
  candidates.forEach((path, i) => {
    const isLast = i === candidates.length - 1;
    const next = new Place(`after ${path}`);
    const missing: StepOptions = isLast
      ? { failure: (errno) => command.includes("/") ? notExecutable(command, errno) : notInPath(command) }
      : { onError: next };
    tape.add(
      `look for ${path}`,
      call.faccessat2Execute(call.AT_FDCWD, path),
      isLast ? "the only place left" : "the first folder in PATH that has it",
      missing,
    );
    if (filter !== undefined) {
      tape.add(
        "install the seccomp filter",
        call.seccompFilter(filter),
        "as late as can be: it is the command's, not ours",
      );
    }
    beforeCommand();
    init?.cloneCommand(tape);
    tape.add(
      "unblock all signals",
      call.rtSigprocmask(named(SIG_SETMASK, "SIG_SETMASK"), bytes(packSignalSet([]), "[]")),
      "the command inherits the mask, and expects an empty one",
    );
    tape.add(
      `execute ${path}`,
      call.execve(path, argv, envp),
      "the report closes, and with it everything that is ours",
      { failure: (errno) => execFailed(command, errno) },
    );
    tape.place(next);
  });
  init?.loop(tape);
}

/** An image may bring a PATH of 128 KiB; each folder is several steps on the tape. */
const MAX_FOLDERS = 1000;
const DEFAULT_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The paths at which a command is looked for: itself, or in the folders of the PATH that it will have. */
export function candidatesOf(command: string, env: readonly string[]): string[] {
  if (command === "") return [];
  if (command.includes("/")) return [command];
  const path = (env.find((entry) => entry.startsWith("PATH=")) ?? DEFAULT_PATH).slice("PATH=".length);
  // An empty entry means the working directory to a shell; Docker does not look there, and neither do we.
  const folders = new Set(
    path.split(":").filter((folder) => folder !== "").map((folder) => folder.replace(/\/+$/, "")),
  );
  if (folders.size > MAX_FOLDERS) throw invalid(`PATH names ${folders.size} folders, more than ${MAX_FOLDERS}`);
  return [...folders].map((folder) => `${folder}/${command}`);
}
