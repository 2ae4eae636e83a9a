/** Where a program of one file keeps what its commands share, and how another process of it is started. */
import { fileExists } from "../base/file_exists.ts";
import { SOCKET_PATH_LIMIT } from "../base/socket_path_limit.ts";
import { textIfThere } from "../base/text_if_there.ts";

/** A standby process serves the program in one folder, which belongs to the user who unpacked it. */
export interface Place {
  /** The module that Deno was started with: what its command line has before the command's own words. */
  readonly program: string;
  readonly deno: string;
  /** Words of a command line that starts this program, but for the command's own. */
  readonly commandLine: readonly string[];
  readonly socket: string;
  readonly client: string;
  /** Held while somebody begins to stand by; touched when one is started. */
  readonly lock: string;
  /** One is held by each who stands by; it says where the socket is that all of them listen at (seats.ts). */
  readonly seats: readonly string[];
  /** How many milliseconds somebody stands by without being needed. */
  readonly patience: number;
}

/** How many stand by at most where there are as many processors: each has some 40 MB. */
const MOST = 4;

/** In the environment of a process that was started to stand by. */
const MARK = "SAUROPOD_STANDS_BY";

/**
 * The place of this program; undefined where nobody is to stand by. `SAUROPOD_STANDBY` says for how many seconds somebody
 * does without being needed (30); 0, or anything that is no number, lets nobody.
 */
export function standbyPlace(): Place | undefined {
  const setting = Deno.env.get("SAUROPOD_STANDBY") || "30";
  const seconds = /^\d+$/.test(setting) ? Number(setting) : 0; // as stub.sh reads it
  const program = decodeURIComponent(new URL(Deno.mainModule).pathname);
  const folder = program.slice(0, program.lastIndexOf("/"));
  const isUnpacked = Deno.env.get("SAUROPOD_SELF") && Deno.execPath() === `${folder}/deno`;
  if (!isUnpacked || !(seconds > 0) || !mayTakeStreams()) return undefined;
  const words = Deno.readTextFileSync("/proc/self/cmdline").split("\0");
  const end = words.indexOf(program) + 1;
  const socket = `${folder}/standby.sock`;
  if (end === 0 || new TextEncoder().encode(socket).length > SOCKET_PATH_LIMIT) return undefined;
  return {
    program,
    deno: Deno.execPath(),
    commandLine: words.slice(0, end),
    socket,
    client: `${folder}/client`,
    lock: `${folder}/standby.lock`,
    seats: Array.from({ length: Math.min(navigator.hardwareConcurrency, MOST) }, (_, i) => `${folder}/standby.${i}`),
    patience: 1000 * seconds,
  };
}

/** Where Yama is strict (ptrace(2)), only root may take the descriptors of a process that is not its child. */
function mayTakeStreams(): boolean {
  return Deno.uid() === 0 || !/^[1-3]/.test(textIfThere("/proc/sys/kernel/yama/ptrace_scope"));
}

/** Whether this process was started to stand by. */
export function standsBy(): boolean {
  return Deno.env.get(MARK) === "1";
}

/**
 * Starts a process that stands by, with nothing of this one's: session, folder, environment and streams are its own, and
 * it has no other descriptor, be it a lock that our caller holds or a pipe whose end somebody waits for.
 */
async function startStandby({ commandLine }: Place): Promise<void> {
  const [deno = "", ...args] = commandLine;
  const own = (name: string) => isStartVariable(name) || /^(PATH|SAUROPOD_(SELF|STANDBY))$/.test(name);
  const variables = Object.entries(Deno.env.toObject()).filter(([name]) => own(name));
  const { closeOthersOnExec } = await import("../sys/close_on_exec.ts");
  closeOthersOnExec(3);
  new Deno.Command(deno, {
    args,
    cwd: "/",
    clearEnv: true,
    env: { ...Object.fromEntries(variables), [MARK]: "1" },
    detached: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn().unref();
}

/** Variables that Deno and we look at once: a process that has started with others is another one. */
function isStartVariable(name: string): boolean {
  return /^(DENO_|NODE_|LC_|LD_|SSL_|SAUROPOD_FAIL)|^(GLIBC_TUNABLES|LANG|NO_COLOR|TZ)$/.test(name);
}

/** The variables of an environment that a process looks at once, as one text. */
export function startVariables(environment: Iterable<readonly [name: string, value: string]>): string {
  return [...environment].filter(([name]) => isStartVariable(name)).map((pair) => pair.join("=")).sort().join("\n");
}

/** Milliseconds after which one that was started has taken a seat, or never will. */
const STARTED = 500;

/**
 * Starts one more process that stands by if fewer than `least` do, and none was started just now. It is for the next
 * command, and no matter of this one.
 */
export async function ensureStandby(place: Place, least = 1): Promise<void> {
  try {
    const last = fileExists(place.lock) ? Deno.statSync(place.lock).mtime?.getTime() ?? 0 : 0;
    if (Date.now() - last < STARTED) return;
    using lock = Deno.openSync(place.lock, { create: true, write: true, mode: 0o600 });
    if (!lock.tryLockSync(true) || place.seats.filter(isTaken).length >= least) return;
    lock.utimeSync(new Date(), new Date());
    await startStandby(place);
  } catch {
    // A folder that cannot be written to, a limit of processes: then nobody stands by.
  }
}

/** To be asked only by who has the lock: it takes the seat for a moment. */
function isTaken(seat: string): boolean {
  if (!fileExists(seat)) return false;
  using file = Deno.openSync(seat);
  return !file.tryLockSync(false);
}
