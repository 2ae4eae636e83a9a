/** What the engine holds of a container while its process runs: keeper, streams, log, control group. */
import type { Bytes } from "../../base/container_engine.ts";
import { conflict } from "../../base/errors.ts";
import type { Cgroup } from "../../cgroup/cgroup.ts";
import type { Stdio } from "../../runtime/container_spec.ts";
import type { Keeper } from "../../runtime/keeper.ts";
import type { Reactor, Watch } from "../../runtime/reactor.ts";
import type { Fd } from "../../sys/fd.ts";
import { read } from "../../sys/file.ts";
import { open } from "../../sys/open.ts";
import { pidfdSendSignal } from "../../sys/pidfd.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import type { LogWriter } from "../log/log.ts";
import { OutputPump } from "../processes/output_pump.ts";
import { InputQueue } from "../streams/input_queue.ts";
import type { Container } from "./container.ts";

/** Everything is taken over; `dispose` gives it back. */
export interface RunningParts {
  readonly keeper: Keeper;
  /** End-of-file: the record is complete, or the keeper dead. */
  readonly ended: Fd;
  /** pidfd of the container's PID 1: a signal through it never meets a stranger. */
  readonly process: Fd;
  readonly pid: number;
  readonly stdio: Stdio["engine"];
  readonly terminal: boolean;
  readonly cgroup: Cgroup;
  /** Processes that the OOM killer took and that have been told of already. */
  readonly oomKills: number;
  readonly log: LogWriter;
}

/** Milliseconds after which a kill that v1 has announced is counted. */
const OOM_COUNTED = 50;

export class RunningContainer implements Disposable {
  readonly keeper: Keeper;
  readonly process: Fd;
  readonly pid: number;
  readonly cgroup: Cgroup;
  readonly log: LogWriter;
  /** The pty's master, for the window size. */
  readonly terminal: Fd | undefined;
  readonly pump: OutputPump;
  #resources = new DisposableStack();
  readonly #onOom: () => void;
  #oomKills: number;

  /** Starts to carry output and input, and calls `onEnd` once when the process has ended, `onOom` when memory ran out. */
  constructor(parts: RunningParts, container: Container, reactor: Reactor, on: { end: () => void; oom: () => void }) {
    const { keeper, ended, process, pid, stdio, terminal, cgroup, oomKills, log } = parts;
    this.keeper = keeper;
    using undo = this.#resources; // when something fails here keeper and process are still the caller's
    this.process = process;
    this.pid = pid;
    this.cgroup = cgroup;
    this.#oomKills = oomKills;
    this.#onOom = on.oom;
    this.log = this.#resources.use(log);
    this.terminal = terminal ? stdio.stdin : undefined;
    const { hub, input } = container;
    const deliver = (stream: "stdout" | "stderr", data: Bytes) => {
      log.append(stream, data);
      hub.push(stream, data);
    };
    const stdout = terminal ? stdio.stdin : stdio.stdout;
    this.pump = this.#resources.use(
      new OutputPump(
        reactor,
        { ...stdout && { stdout }, ...stdio.stderr && { stderr: stdio.stderr }, terminal },
        deliver,
      ),
    );
    hub.onSaturation({ saturated: () => this.pump.pause(), drained: () => this.pump.resume() });
    if (stdio.stdin !== undefined) {
      const queue = new InputQueue(stdio.stdin, reactor, { ownsDescriptor: !terminal });
      input.open(this.#resources.use(queue), () => keeper.closeStdin());
    }
    this.#watchOnce(reactor, ended, on.end);
    this.#watchOom(reactor);
    this.#resources = undo.move();
    this.#resources.use(keeper);
    this.#resources.use(process);
  }

  /**
   * Opens a file of PID 1 in /proc. The pid may be another process's by the time it is used, so it is asked afterwards
   * whether it was still taken (fault 19). @throws `conflict` when the process has ended
   */
  openProc(name: string, flags: number): Fd {
    using undo = new DisposableStack();
    try {
      const fd = undo.use(open(`/proc/${this.pid}/${name}`, flags));
      pidfdSendSignal(this.process, 0);
      undo.move();
      return fd;
    } catch (error) {
      throw isErrno(error, "ENOENT", "ESRCH") ? conflict("the container is not running", { cause: error }) : error;
    }
  }

  #watchOnce(reactor: Reactor, ended: Fd, onEnd: () => void): void {
    this.#resources.use(ended);
    const watch: Watch = reactor.watch(ended, {
      read: () => {
        watch[Symbol.dispose]();
        onEnd();
      },
    });
    this.#resources.use(watch);
  }

  #watchOom(reactor: Reactor): void {
    const oom = this.cgroup.watchOom();
    if (oom === undefined) return;
    this.#resources.use(oom);
    const drained = new Uint8Array(4096);
    this.#resources.use(reactor.watch(oom, {
      read: () => {
        read(oom, drained);
        this.checkOom();
        // v1 tells before it has killed, and so before it has counted.
        Deno.unrefTimer(setTimeout(() => this.checkOom(), OOM_COUNTED));
      },
    }));
  }

  /** Tells of the processes that the OOM killer took since the last look. Returns whether it ever took one. */
  checkOom(): boolean {
    const kills = this.cgroup.oomKills();
    if (kills > this.#oomKills) {
      this.#oomKills = kills;
      this.#onOom();
    }
    return this.#oomKills > 0;
  }

  /** Lets go of everything: called when the process has ended, or when the engine leaves and the container goes on. */
  [Symbol.dispose](): void {
    this.#resources.dispose();
  }
}
