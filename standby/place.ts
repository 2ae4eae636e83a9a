/** Where a program of one file keeps what its commands share, and how another process of it is started. */
import { fileExists } from "../base/file_exists.ts";

/** A standby process serves the program in one folder, which belongs to the user who unpacked it. */
export interface Place {
  /** The module that Deno was started with: what its command line has before the command's own words. */
  readonly program: string;
  readonly deno: string;
  /** Words of a command line that starts this program, but for the command's own. */
  readonly commandLine: readonly string[];
  readonly socket: string;
  readonly client: string;
  /** Held by whoever stands by. */
  readonly lock: string;
  /** How many milliseconds somebody stands by without being needed. */
  readonly patience: number;
}

/** `sun_path` of unix(7), without the final NUL. */
const PATH_LIMIT = 107;

/**
 * The place of this program. Undefined if it runs from a checkout, if its folder's name is too long for a socket, or if
 * nobody shall stand by: `SAUROPOD_STANDBY` is `no`, or for how many seconds somebody does without being needed.
 */
export function standbyPlace(): Place | undefined {
  const setting = Deno.env.get("SAUROPOD_STANDBY");
  if (!Deno.env.get("SAUROPOD_SELF") || setting === "no") return undefined;
  const program = decodeURIComponent(new URL(Deno.mainModule).pathname);
  const words = Deno.readTextFileSync("/proc/self/cmdline").split("\0");
  const end = words.indexOf(program) + 1;
  const folder = program.slice(0, program.lastIndexOf("/"));
  const socket = `${folder}/standby.sock`;
  const isUnpacked = Deno.execPath() === `${folder}/deno`;
  if (end === 0 || !isUnpacked || new TextEncoder().encode(socket).length > PATH_LIMIT) return undefined;
  return {
    program,
    deno: Deno.execPath(),
    commandLine: words.slice(0, end),
    socket,
    client: `${folder}/client`,
    lock: `${folder}/standby.lock`,
    patience: 1000 * (Number(setting) || 30),
  };
}

/** The word that a standby process is started with. */
export const STANDBY_WORD = "--standby";

/**
 * Starts a process that stands by, with nothing of this one's: session, folder, environment and streams are its own, and
 * it has no other descriptor, be it a lock that our caller holds or a pipe whose end somebody waits for.
 */
export async function startStandby({ commandLine }: Place): Promise<void> {
  const [deno = "", ...args] = commandLine;
  const own = (name: string) => isStartVariable(name) || /^(PATH|SAUROPOD_(SELF|STANDBY))$/.test(name);
  const env = Object.fromEntries(Object.entries(Deno.env.toObject()).filter(([name]) => own(name)));
  const { closeOthersOnExec } = await import("../sys/close_on_exec.ts");
  closeOthersOnExec(3);
  new Deno.Command(deno, {
    args: [...args, STANDBY_WORD],
    cwd: "/",
    clearEnv: true,
    env,
    detached: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn().unref();
}

/** Variables that Deno and we look at once: a process that has started with others is another one. */
function isStartVariable(name: string): boolean {
  return /^(DENO_|NODE_|LC_|SAUROPOD_FAIL)|^(LANG|TZ|NO_COLOR)$/.test(name);
}

/** The variables of an environment that a process looks at once, as one text. */
export function startVariables(environment: Iterable<readonly [name: string, value: string]>): string {
  return [...environment].filter(([name]) => isStartVariable(name)).map((pair) => pair.join("=")).sort().join("\n");
}

/** Milliseconds after which one that was started has taken the lock, or never will. */
const STARTED = 500;

/** The same if nobody stands by, nor was started to do so just now. It is for the next command, and no matter of this one. */
export async function ensureStandby(place: Place): Promise<void> {
  try {
    const last = fileExists(place.lock) ? Deno.statSync(place.lock).mtime?.getTime() ?? 0 : 0;
    if (Date.now() - last < STARTED || isHeld(place.lock)) return;
    await startStandby(place);
  } catch {
    // A folder that cannot be written to, a limit of processes: then nobody stands by.
  }
}

/** Whether somebody holds the lock; if not it has been touched. */
function isHeld(path: string): boolean {
  using lock = Deno.openSync(path, { create: true, write: true, mode: 0o600 });
  if (!lock.tryLockSync(true)) return true;
  lock.utimeSync(new Date(), new Date());
  return false;
}
