/** What /proc tells of the processes of this host, as far as keepers are concerned. */

/** One process, from /proc/PID/stat. */
export interface ProcessStat {
  /** `R`, `S`, … `Z` for one that has ended and is not reaped yet. */
  readonly state: string;
  readonly parent: number;
  /** Clock ticks since boot: with the pid this names a process for ever, which the pid alone does not. */
  readonly startTime: string;
}

/**
 * Reads a line of /proc/PID/stat (proc_pid_stat(5)). The second field is the name in parentheses, which the process
 * chooses itself and which may hold `) Z 1`: so the fields are counted from the last parenthesis on.
 */
export function parseProcessStat(line: string): ProcessStat | undefined {
  const fields = line.slice(line.lastIndexOf(")") + 2).trimEnd().split(" ");
  const [state, parent] = fields;
  const startTime = fields[22 - 3]; // the state is field 3
  if (!line.includes(")") || state === undefined || startTime === undefined) return undefined;
  return { state, parent: Number(parent), startTime };
}

/** The process that has this pid now; undefined if there is none. */
export function processStat(pid: number): ProcessStat | undefined {
  try {
    return parseProcessStat(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** The pids of all processes. */
export function* allProcesses(): Generator<number> {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (/^[0-9]+$/.test(name)) yield Number(name);
  }
}

/** The pids of those processes whose descriptor `number` is the very file `path`: as files, for names can be forged. */
export function holdersOf(path: string, number: number): number[] {
  const wanted = identityOf(path);
  if (wanted === undefined) return [];
  return [...allProcesses()].filter((pid) => identityOf(`/proc/${pid}/fd/${number}`) === wanted);
}

/** Device and inode; undefined if there is none, or none that we may see (some processes are closed even to root). */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = Deno.statSync(path);
    return `${dev}:${ino}`;
  } catch (error) {
    if (isGone(error) || error instanceof Deno.errors.PermissionDenied) return undefined;
    throw error;
  }
}

/** A process may end between two looks; reading of one that is just ending gives ESRCH. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || (error instanceof Error && error.message.includes("os error 3)"));
}
