/** What the kernel says about processes and memory. All sizes are bytes. */

/** Proportional set size: shared pages are divided among those who share them. */
export function pss(pid: number): number {
  return field(`/proc/${pid}/smaps_rollup`, "Pss");
}

/** Resident set size. */
export function rss(pid: number): number {
  return field(`/proc/${pid}/status`, "VmRSS");
}

/** The largest resident set size since the last `resetPeak`. */
export function peakRss(pid: number): number {
  return field(`/proc/${pid}/status`, "VmHWM");
}

/** Lets the peak begin anew, with what is there now (proc(5), `clear_refs`). */
export function resetPeak(pid: number): void {
  Deno.writeTextFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** The parent of a process; of a container's PID 1: its keeper, shim or conmon. */
export function parentOf(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]); // the name before it may have spaces, proc(5)
}

/** Every process that the kernel lists. */
export function processes(): number[] {
  return Array.from(Deno.readDirSync("/proc"), ({ name }) => Number(name)).filter((pid) => pid > 0);
}

function field(path: string, name: string): number {
  const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(Deno.readTextFileSync(path)) ?? [];
  return Number(kilobytes ?? 0) * 1024;
}
