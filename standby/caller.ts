/** The process that wants a command run, as /proc shows it, and what is its own: words, environment, folder, streams. */
import { duplicateTo, type Fd } from "../sys/fd.ts";
import { pidfdGetFd, pidfdOpen, pidfdSendSignal } from "../sys/pidfd.ts";
import { PASSED_ON } from "./client.ts";
import { replaceEnvironment } from "./own_state.ts";
import { startVariables } from "./place.ts";

const NAMESPACES = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"] as const;
/** Lines of /proc/PID/status that say what a process may do. */
const RIGHTS = ["Uid", "Gid", "Groups", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"] as const;
const SIGNAL_SETS = ["SigIgn", "SigBlk"] as const;
const STREAMS = [0, 1, 2] as const;
/** Devices that a stream may be and that are no terminals. */
const NO_TERMINAL = /^\/dev\/(null|zero|full|u?random)$/;

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
  readonly #streams: Fd[] = [];

  /**
   * @param program the word that its command's words follow
   * @throws if it has ended, or is none that we may look at
   */
  constructor(pid: number, program: string) {
    this.#pid = pid;
    this.#pidfd = pidfdOpen(pid); // from here on the number is this process's, or there is none
    const words = list(`/proc/${pid}/cmdline`);
    const start = words.indexOf(program);
    this.args = words.slice(start + 1);
    this.atTerminal = STREAMS.map((fd) => Deno.readLinkSync(`/proc/${pid}/fd/${fd}`))
      .some((file) => file.startsWith("/dev/") && !NO_TERMINAL.test(file));
    this.#status = new Status(pid);
    this.#environment = list(`/proc/${pid}/environ`).map(variable).filter(([name]) => name !== "");
  }

  /**
   * Whether a command does the same here as there: same user, rights and limits, same namespaces, root and control
   * group, same signals ignored and blocked, same variables that a process reads at its start only.
   */
  isLikeUs(): boolean {
    const us = new Status("self");
    const same = (file: string, read: (path: string) => string) =>
      read(`/proc/${this.#pid}/${file}`) === read(`/proc/self/${file}`);
    return RIGHTS.every((name) => us.line(name) === this.#status.line(name)) &&
      SIGNAL_SETS.every((name) => us.signals(name) === this.#status.signals(name)) &&
      NAMESPACES.every((name) => same(`ns/${name}`, Deno.readLinkSync)) &&
      same("root", Deno.readLinkSync) && same("cgroup", Deno.readTextFileSync) && same("limits", limits) &&
      same("attr/current", domain) &&
      startVariables(this.#environment) === startVariables(Object.entries(Deno.env.toObject()));
  }

  /** Whether one of its words may name a descriptor, which only it has. */
  get namesDescriptors(): boolean {
    return this.args.some((word) => /\/fd(\/|$)|\/proc\/(thread-)?self/.test(word));
  }

  /** Takes its streams, so that it can be what it likes from now on. @throws when one of them cannot be had */
  hold(): void {
    for (const number of STREAMS) this.#streams.push(pidfdGetFd(this.#pidfd, number));
    pidfdSendSignal(this.#pidfd, 0); // it is still there: all that was read is its own
  }

  /** Lets this process have its folder, umask, environment and the streams held. */
  become(): void {
    Deno.chdir(`/proc/${this.#pid}/cwd`);
    Deno.umask(this.#status.umask);
    replaceEnvironment(this.#environment);
    this.#streams.forEach((fd, number) => duplicateTo(fd, number));
  }

  [Symbol.dispose](): void {
    for (const fd of [this.#pidfd, ...this.#streams]) fd.close();
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

  /** Which of the signals that are passed on are in a set of it. */
  signals(name: typeof SIGNAL_SETS[number]): string {
    const bits = BigInt(`0x${this.line(name) ?? 0}`);
    return PASSED_ON.filter((signal) => (bits >> BigInt(signal - 1)) & 1n).join(" ");
  }
}

/** The parts of a file of /proc that has a NUL after each. */
function list(path: string): string[] {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Deno.readFileSync(path));
  return text.split("\0").slice(0, -1);
}
