/** One line of `ps -ef`, made of /proc as procps does it. */

/** What of the machine belongs to every line. */
export interface ProcessSurroundings {
  /** The names of the host's users. */
  readonly users: ReadonlyMap<number, string>;
  /** When it was started, seconds since 1970. */
  readonly bootTime: number;
  /** Seconds since 1970. */
  readonly now: number;
}

/** The columns of `ps -ef`. */
export const FULL_TITLES = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"];

/** Clock ticks per second in /proc: USER_HZ is 100 on every architecture that we run on (time(7)). */
const TICKS = 100;

export function surroundings(): ProcessSurroundings {
  const bootTime = Number(/^btime (\d+)$/m.exec(Deno.readTextFileSync("/proc/stat"))?.[1] ?? 0);
  return { users: hostUsers(), bootTime, now: Date.now() / 1000 };
}

/** The row of one process; undefined when it has gone. */
export function processRow(pid: number, around: ProcessSurroundings): string[] | undefined {
  try {
    const read = (name: string) => Deno.readTextFileSync(`/proc/${pid}/${name}`);
    return formatRow({ stat: read("stat"), status: read("status"), commandLine: read("cmdline") }, around);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || /ESRCH|os error 3/.test(String(error))) return undefined;
    throw error;
  }
}

/** The three files of /proc/PID that a row is made of. */
export interface ProcessFiles {
  readonly stat: string;
  readonly status: string;
  readonly commandLine: string;
}

export function formatRow({ stat, status, commandLine }: ProcessFiles, around: ProcessSurroundings): string[] {
  // The name may hold anything, a parenthesis too: the fields are counted from the last one on (proc_pid_stat(5)).
  const end = stat.lastIndexOf(")");
  const name = stat.slice(stat.indexOf("(") + 1, end);
  const field = (number: number) => Number(fields[number - 3] ?? 0); // the state is field 3
  const fields = stat.slice(end + 2).split(" ");
  const uid = Number(/^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1] ?? 0);
  const started = around.bootTime + field(22) / TICKS;
  const busy = (field(14) + field(15)) / TICKS;
  const elapsed = around.now - started;
  const share = elapsed >= 1 ? Math.min(99, Math.trunc(busy * 100 / elapsed)) : 0;
  const command = commandLine.replace(/\0+$/, "").replaceAll("\0", " ");
  const gone = fields[0] === "Z" ? " <defunct>" : "";
  return [
    around.users.get(uid) ?? String(uid),
    stat.slice(0, stat.indexOf(" ")),
    String(field(4)),
    String(share),
    startText(started, around.now),
    terminalName(field(7)),
    cpuTime(busy),
    command === "" ? `[${name}]${gone}` : command,
  ];
}

/** `09:41` today, `Jan02` this year, `2025` before. */
function startText(started: number, now: number): string {
  const [then, today] = [new Date(started * 1000), new Date(now * 1000)];
  const two = (value: number) => String(value).padStart(2, "0");
  if (then.getFullYear() !== today.getFullYear()) return String(then.getFullYear());
  if (then.getMonth() === today.getMonth() && then.getDate() === today.getDate()) {
    return `${two(then.getHours())}:${two(then.getMinutes())}`;
  }
  return `${then.toLocaleString("en-US", { month: "short" })}${two(then.getDate())}`;
}

/** `HH:MM:SS`, with `D-` before it from a day on. */
function cpuTime(seconds: number): string {
  const two = (value: number) => String(Math.trunc(value)).padStart(2, "0");
  const days = Math.trunc(seconds / 86_400);
  return `${days > 0 ? `${days}-` : ""}${two(seconds / 3600 % 24)}:${two(seconds / 60 % 60)}:${two(seconds % 60)}`;
}

const TTY_MAJOR = 4, PTS_FIRST = 136, PTS_LAST = 143;

/** The name of a terminal by its device number, as the kernel packs it in /proc/PID/stat (field 7). */
function terminalName(device: number): string {
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  if (major >= PTS_FIRST && major <= PTS_LAST) return `pts/${(major - PTS_FIRST) * 256 + minor}`;
  if (major === TTY_MAJOR) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`;
  return device === 0 ? "?" : "console";
}

function hostUsers(): Map<number, string> {
  const users = new Map<number, string>();
  try {
    for (const line of Deno.readTextFileSync("/etc/passwd").split("\n")) {
      const [name, , uid] = line.split(":");
      if (name && uid && !users.has(Number(uid))) users.set(Number(uid), name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return users;
}
