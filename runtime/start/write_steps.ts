import { O, RESOLVE } from "../../sys/open.ts";
import { result } from "../tape/argument.ts";
import * as call from "../tape/call.ts";
import type { Tape } from "../tape/tape.ts";

/**
 * Writes a value into a file of the kernel, as one write. No symbolic link on the way is followed but that of
 * /proc/self, which is the kernel's.
 */
export function writeSteps(tape: Tape, path: string, value: string, reason: string): void {
  const resolve = RESOLVE.NO_MAGICLINKS | (path.startsWith("/proc/self/") ? 0 : RESOLVE.NO_SYMLINKS);
  const opened = tape.add(`open ${path}`, call.openat2(call.AT_FDCWD, path, O.WRONLY | O.CLOEXEC, resolve), reason);
  const size = new TextEncoder().encode(value).length;
  tape.add(`write ${path} = ${value}`, call.write(result(opened), value, size), reason);
}
