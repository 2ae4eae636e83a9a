import { processesBelow } from "./group_folder.ts";

/** Sends SIGKILL; a process that has gone meanwhile is fine. */
function killProcess(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Passes over the list of processes, at most: each finds only what was being forked during the one before. */
const PASSES = 1000;

/**
 * Kills what runs in `folder` and below where the kernel has no call for it. `stop` keeps the processes from running on,
 * so that a fork bomb does not outrun the passes: a fork that is under way still gives a child, but that one stops
 * before it can fork. Ends when a pass has found nobody new; `go` then lets them die.
 */
export function killAll(folder: string, stop: () => void, go: () => void): void {
  stop();
  const killed = new Set<number>();
  try {
    for (let pass = 0; pass < PASSES; pass++) {
      // 0 is a process of a pid namespace that we do not see, and kill(0) would be our own process group.
      const fresh = processesBelow(folder).filter((pid) => pid > 1 && !killed.has(pid));
      if (fresh.length === 0) return;
      for (const pid of fresh) killProcess(pid);
      for (const pid of fresh) killed.add(pid);
    }
  } finally {
    go();
  }
}
