import type { ProcessSpec } from "../container_spec.ts";
import { O, RESOLVE } from "../../sys/open.ts";
import { result } from "../tape/argument.ts";
import * as call from "../tape/call.ts";
import { NEXT, type StepOptions, type Tape } from "../tape/tape.ts";

/**
 * Writes a value into a file of the kernel, as one write. No symbolic link on the way is followed but that of
 * /proc/self, which is the kernel's.
 */
export function writeSteps(tape: Tape, path: string, value: string, reason: string, options: StepOptions = {}): void {
  const resolve = RESOLVE.NO_MAGICLINKS | (path.startsWith("/proc/self/") ? 0 : RESOLVE.NO_SYMLINKS);
  const opened = tape.add(`open ${path}`, call.openat2(call.AT_FDCWD, path, O.WRONLY | O.CLOEXEC, resolve), reason);
  const size = new TextEncoder().encode(value).length;
  tape.add(`write ${path} = ${value}`, call.write(result(opened), value, size), reason, options);
}

/**
 * How early the OOM killer takes the process; before /proc is the container's, who could have put anything there. The
 * default is not insisted on: to get below an engine's own score takes CAP_SYS_RESOURCE.
 */
export function oomScoreSteps(tape: Tape, { oomScoreAdj }: Pick<ProcessSpec, "oomScoreAdj">): void {
  if (oomScoreAdj === undefined) return;
  const reason = "while /proc is the host's: the container's could be read-only, hidden, or anything";
  const options = oomScoreAdj === 0 ? { onError: NEXT } as const : {};
  writeSteps(tape, "/proc/self/oom_score_adj", String(oomScoreAdj), reason, options);
}
