import { waitNoHang } from "../sys/process.ts";
import { isErrno } from "../sys/syscall_error.ts";

const FIRST_DELAY = 1, LAST_DELAY = 5_000, GROWTH = 5; // milliseconds

/** Children of this process that nobody has waited for yet; `true` for those that are to be waited for as soon as may be. */
const children = new Map<number, boolean>();
let timer: ReturnType<typeof setTimeout> | undefined;

/** Takes note of a child, so that {@link reap} and {@link reapLater} may be called for it. */
export function noteChild(pid: number): void {
  if (!children.has(pid)) children.set(pid, false);
}

/**
 * A child that ends by itself soon, or has just been killed: when it has ended it is waited for, so that no zombie is
 * left. Nothing has to be watched for that, and it keeps no process alive.
 */
export function reapLater(pid: number): void {
  if (!children.has(pid)) return;
  children.set(pid, true);
  clearTimeout(timer);
  reapEnded(FIRST_DELAY);
}

/**
 * Waits for a child if it has ended. Only for a pid that was noted and not reaped: any other may be that of a child which
 * somebody else (Deno.Command) waits for.
 */
export function reap(pid: number): void {
  if (!children.has(pid)) return;
  try {
    if (waitNoHang(pid) !== undefined) children.delete(pid);
  } catch (error) {
    if (!isErrno(error, "ECHILD")) throw error;
    children.delete(pid);
  }
}

function reapEnded(delay: number): void {
  timer = undefined;
  for (const [pid, wanted] of [...children]) if (wanted) reap(pid);
  if (![...children.values()].includes(true)) return;
  timer = setTimeout(() => reapEnded(Math.min(delay * GROWTH, LAST_DELAY)), delay);
  Deno.unrefTimer(timer);
}
