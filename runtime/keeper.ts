import { Fd } from "../sys/fd.ts";
import { pidfdGetFd, pidfdOpen, pidfdSendSignal } from "../sys/pidfd.ts";
import { isErrno } from "../sys/syscall_error.ts";
import type { Stdio } from "./container_spec.ts";
import { CLOSE_STDIN_SIGNAL, KEEPER_FD } from "./keeper_layout.ts";
import { allProcesses, holdersOf, processStat } from "./process_table.ts";
import type { Reactor, Watch } from "./reactor.ts";
import { noteChild, reap, reapLater } from "./reaper.ts";

export { type KeeperRecord, parseRecord, readRecord, removeRecord } from "./record.ts";

const SIGKILL = 9, SIGSTOP = 19;

/** A process beyond the reuse of its pid: the start time is in clock ticks since boot (/proc/PID/stat, field 22). */
export interface KeeperIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/**
 * A handle on a keeper, the process that holds what must outlive the engine. Whoever spawned it says {@link Keeper.of},
 * an engine that finds it running {@link Keeper.adopt}. The handle is a pidfd, so nothing that is done through it ever
 * meets another process. To dispose of it lets go of the keeper, which goes on; if it is our child it is reaped when it
 * ends, also after that.
 */
export class Keeper implements Disposable {
  readonly identity: KeeperIdentity;
  readonly #pidfd: Fd;
  readonly #letGo = Promise.withResolvers<void>();
  #gone: Promise<void> | undefined;
  #goneWatch: Watch | undefined;

  private constructor(identity: KeeperIdentity, pidfd: Fd, isChild: boolean) {
    this.identity = identity;
    this.#pidfd = pidfd;
    if (isChild) noteChild(identity.pid);
  }

  /** The keeper that this process has just spawned; not reaped yet, and so certain to be the one. */
  static of(pid: number): Keeper {
    using undo = new DisposableStack();
    const pidfd = undo.use(pidfdOpen(pid));
    const startTime = processStat(pid)?.startTime ?? "0";
    undo.move();
    return new Keeper({ pid, startTime }, pidfd, true);
  }

  /** The keeper that an engine noted down; undefined when it has ended, whoever has its pid now. */
  static adopt({ pid, startTime }: KeeperIdentity): Keeper | undefined {
    using undo = new DisposableStack();
    let pidfd: Fd;
    try {
      pidfd = undo.use(pidfdOpen(pid));
    } catch (error) {
      // EINVAL, on newer kernels ENOENT: the number is that of a thread by now.
      if (isErrno(error, "ESRCH", "EINVAL", "ENOENT")) return undefined;
      throw error;
    }
    // Looked at after the pidfd is open: from there on the pid stays that process's until it is reaped.
    const found = processStat(pid);
    if (found === undefined || found.startTime !== startTime || found.state === "Z" || found.state === "X") {
      return undefined;
    }
    undo.move();
    return new Keeper({ pid, startTime }, pidfd, found.parent === Deno.pid);
  }

  /**
   * A duplicate of descriptor `number` of the keeper ({@link KEEPER_FD}); the open file, and so its O_NONBLOCK, is shared.
   * @throws {SyscallError} ESRCH when the keeper has ended, EBADF when it has no such descriptor
   */
  fetch(number: number): Fd {
    return pidfdGetFd(this.#pidfd, number);
  }

  /** The engine's ends of the process's streams, as the engine that made them had them. */
  fetchStdio(terminal: boolean): Stdio["engine"] {
    using undo = new DisposableStack();
    const stdin = undo.use(this.#fetchIfThere(KEEPER_FD.stdin));
    const stdout = terminal ? undefined : undo.use(this.fetch(KEEPER_FD.stdout));
    const stderr = terminal ? undefined : undo.use(this.fetch(KEEPER_FD.stderr));
    undo.move();
    return { ...(stdin && { stdin }), ...(stdout && { stdout }), ...(stderr && { stderr }) };
  }

  /** There is no stdin without `-i`, and none after it was closed. */
  #fetchIfThere(number: number): Fd | undefined {
    try {
      return this.fetch(number);
    } catch (error) {
      if (isErrno(error, "EBADF")) return undefined;
      throw error;
    }
  }

  /** Lets the keeper close its end of the process's stdin. Nothing happens when it has ended. */
  closeStdin(): void {
    this.#signal(CLOSE_STDIN_SIGNAL);
  }

  /** Ends the keeper, and by that the process that it keeps (PDEATHSIG). Nothing happens when it has ended. */
  kill(): void {
    this.#signal(SIGKILL);
    reapLater(this.identity.pid);
  }

  /**
   * Ends the keeper and what it has started, also when that is so young that it does not yet end with its keeper. The
   * keeper is stopped first, so that nothing can be added in between.
   */
  killWithProcess(): void {
    this.#signal(SIGSTOP);
    for (const pid of allProcesses()) {
      if (processStat(pid)?.parent === this.identity.pid) killChildOf(this.identity.pid, pid);
    }
    this.kill();
  }

  #signal(signal: number): void {
    try {
      pidfdSendSignal(this.#pidfd, signal);
    } catch (error) {
      if (!isErrno(error, "ESRCH")) throw error;
    }
  }

  /**
   * Resolves when the process that is kept has ended and its record is complete, or when the keeper is dead. The keeper
   * of a container stays after that, with what the pipes still hold, until it is killed.
   */
  async ended(reactor: Reactor): Promise<void> {
    const gone = this.gone(reactor);
    using reader = this.#fetchUnlessGone(KEEPER_FD.ended_reader);
    if (reader === undefined) return await gone;
    const { promise, resolve } = Promise.withResolvers<void>();
    using _watch = reactor.watch(reader, { read: resolve });
    await Promise.race([promise, gone]);
  }

  #fetchUnlessGone(number: number): Fd | undefined {
    try {
      return this.#fetchIfThere(number);
    } catch (error) {
      if (isErrno(error, "ESRCH")) return undefined;
      throw error;
    }
  }

  /**
   * Resolves when the keeper itself has ended; if it is our child it is reaped by then. Also when the handle is disposed
   * of: then nobody waits any more.
   */
  gone(reactor: Reactor): Promise<void> {
    return this.#gone ??= this.#waitUntilGone(reactor);
  }

  async #waitUntilGone(reactor: Reactor): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const watch = reactor.watch(this.#pidfd, {
      read: () => {
        watch[Symbol.dispose]();
        reap(this.identity.pid);
        resolve();
      },
    });
    this.#goneWatch = watch;
    await Promise.race([promise, this.#letGo.promise]);
  }

  [Symbol.dispose](): void {
    if (this.#pidfd.number < 0) return;
    this.#goneWatch?.[Symbol.dispose]();
    this.#pidfd.close();
    this.#letGo.resolve();
    reapLater(this.identity.pid);
  }
}

/** The stopped parent cannot reap it, so the pid stays the child's while we look. */
function killChildOf(parent: number, pid: number): void {
  try {
    using pidfd = pidfdOpen(pid);
    if (processStat(pid)?.parent === parent) pidfdSendSignal(pidfd, SIGKILL);
  } catch (error) {
    if (!isErrno(error, "ESRCH")) throw error;
  }
}

/**
 * The keepers that write to the record file at `path`, which nobody has noted down: those of a start in whose midst the
 * engine died. A process that they have cloned and that has not got rid of the file yet counts as one.
 */
export function findKeepers(path: string): Keeper[] {
  return holdersOf(path, KEEPER_FD.record)
    .filter((pid) => pid !== Deno.pid)
    .flatMap((pid) => Keeper.adopt({ pid, startTime: processStat(pid)?.startTime ?? "" }) ?? []);
}
