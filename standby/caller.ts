/** The process that wants a command run, as /proc shows it, and what is its own: words, environment, folder, streams. */
import { duplicateTo, type Fd } from "../sys/fd.ts";
import { pidfdGetFd, pidfdOpen, pidfdSendSignal } from "../sys/pidfd.ts";
import { PASSED_ON } from "./client.ts";
import { replaceEnvironment } from "./own_state.ts";
import { startVariables } from "./place.ts";

const NAMESPACES = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"] as const;
/** Lines of /proc/PID/status that say what a process may do. */
const RIGHTS = ["Uid", "Gid", "Groups", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"] as const;
const STREAMS = [0, 1, 2] as const;

/** Of another process what it could have found out about itself; held until disposed of. */
export class Caller implements Disposable {
  /** The words of its command, from behind the name of the program that we are, too. */
  readonly args: readonly string[];
  /** Whether one of its streams is a terminal. */
  readonly atTerminal: boolean;
  readonly #pid: number;
  readonly #pidfd: Fd;
  readonly #status: Status;
  readonly #environment: readonly (readonly [string, string])[];

  /**
   * @param program the word that its command's words follow
   * @throws if it has ended, or is none that we may look at
   */
  constructor(pid: number, program: string) {
    this.#pid = pid;
    this.#pidfd = pidfdOpen(pid); // from here on the number is this process's, or there is none
    const words = list(`/proc/${pid}/cmdline`);
    this.args = words.slice(words.indexOf(program) + 1);
    this.atTerminal = STREAMS.some((fd) =>
      /^\/dev\/(pts\/|tty|console)/.test(Deno.readLinkSync(`/proc/${pid}/fd/${fd}`))
    );
    this.#status = new Status(pid);
    this.#environment = list(`/proc/${pid}/environ`).map(variable).filter(([name]) => name !== "");
  }

  /**
   * Whether a command does the same here as there: same user, rights and limits, same namespaces, root and control
   * group, same ignored signals, same variables that a process reads at its start only, and no word that names a
   * descriptor which is only there.
   */
  isLikeUs(): boolean {
    const us = new Status("self");
    const same = (file: string, read: (path: string) => string) =>
      read(`/proc/${this.#pid}/${file}`) === read(`/proc/self/${file}`);
    return RIGHTS.every((name) => us.line(name) === this.#status.line(name)) &&
      us.ignored === this.#status.ignored &&
      NAMESPACES.every((name) => same(`ns/${name}`, Deno.readLinkSync)) &&
      same("root", Deno.readLinkSync) && same("cgroup", Deno.readTextFileSync) && same("limits", limits) &&
      same("attr/current", domain) &&
      startVariables(this.#environment) === startVariables(Object.entries(Deno.env.toObject())) &&
      !this.args.some((word) => /\/(dev|proc\/[^/]+)\/fd\/|\/proc\/(thread-)?self/.test(word));
  }

  /** Lets this process have its streams, folder, environment and umask. @throws with nothing changed */
  become(): void {
    const fds: Fd[] = [];
    try {
      for (const number of STREAMS) fds.push(pidfdGetFd(this.#pidfd, number));
      pidfdSendSignal(this.#pidfd, 0); // it is still there: all that was read is its own
      Deno.chdir(`/proc/${this.#pid}/cwd`);
      Deno.umask(this.#status.umask);
      replaceEnvironment(this.#environment);
      fds.forEach((fd, number) => duplicateTo(fd, number));
    } finally {
      for (const fd of fds) fd.close();
    }
  }

  [Symbol.dispose](): void {
    this.#pidfd.close();
  }
}

/** What it may use; of open files Deno takes as many as it can get. */
function limits(path: string): string {
  return Deno.readTextFileSync(path).replace(/^Max open files.*$/m, "");
}

/** The domain that a security module has it in; none where there is no such module. */
function domain(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

/** `NAME=VALUE`; what has no name that could be set is the variable without one. */
function variable(text: string): readonly [name: string, value: string] {
  const end = Math.max(0, text.indexOf("="));
  return [text.slice(0, end), text.slice(end + 1)];
}

/** /proc/PID/status. */
class Status {
  readonly #text: string;

  constructor(pid: number | "self") {
    this.#text = Deno.readTextFileSync(`/proc/${pid}/status`);
  }

  line(name: string): string | undefined {
    return new RegExp(`^${name}:[ \\t]*(.*)$`, "m").exec(this.#text)?.[1];
  }

  get umask(): number {
    return parseInt(this.line("Umask") ?? "022", 8);
  }

  /** Which of the signals that are passed on it ignores. */
  get ignored(): string {
    const bits = BigInt(`0x${this.line("SigIgn") ?? 0}`);
    return PASSED_ON.filter((signal) => (bits >> BigInt(signal - 1)) & 1n).join(" ");
  }
}

/** The parts of a file of /proc that has a NUL after each. */
function list(path: string): string[] {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Deno.readFileSync(path));
  return text.split("\0").slice(0, -1);
}
