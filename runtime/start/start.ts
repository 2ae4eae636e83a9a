import { internal } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import { Fd } from "../../sys/fd.ts";
import { pipe, read } from "../../sys/file.ts";
import { O, open } from "../../sys/open.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import type { ContainerSpec, ExecSpec, Stdio } from "../container_spec.ts";
import { Keeper, readRecord, removeRecord } from "../keeper.ts";
import { KEEPER_FD } from "../keeper_layout.ts";
import type { Reactor } from "../reactor.ts";
import { spawnProgram } from "../spawn_program.ts";
import { closeProcessEnds, closeStdio } from "../stdio.ts";
import { toElf } from "../tape/elf.ts";
import type { Tape } from "../tape/tape.ts";
import { containerTape, type StartTape } from "./container_tape.ts";
import { execTape } from "./exec_tape.ts";
import { type Machine, thisMachine } from "./machine.ts";
import { stepFailed } from "./start_error.ts";

export { exitCodeOf, StartError } from "./start_error.ts";

/** The first process of a container, or a further one. */
export type StartWish = { readonly container: ContainerSpec } | { readonly exec: ExecSpec };

/** A process that executes the user's command by now, or has ended already. Whoever gets it disposes of all three. */
export interface Started {
  readonly keeper: Keeper;
  /** On the host. */
  readonly pid: number;
  /** pidfd of the process; closed (-1) when the process of an exec has ended before we could ask for it. */
  readonly process: Fd;
  /** Readable (end-of-file) when the record is complete, or the keeper dead. */
  readonly ended: Fd;
}

/**
 * Starts a process and returns when its command has been executed. `stdio.process` and `stdio.devpts` are closed then;
 * `stdio.engine` stays the caller's. After a failure nothing runs, all of `stdio` is closed, and the record file is gone.
 * @throws {StartError} with the step that failed, or docker's sentence where the command or the working directory is at
 * fault
 */
export async function startProcess(
  wish: StartWish,
  stdio: Stdio,
  recordPath: string,
  reactor: Reactor,
  machine: Machine = thisMachine(),
): Promise<Started> {
  using undo = new DisposableStack();
  undo.defer(() => closeStdio(stdio));
  const { tape, descriptors } = "container" in wish
    ? containerTape(wish.container, stdio, machine)
    : execTape(wish.exec, stdio, machine);
  const ended = pipe();
  undo.use(ended.reader);
  const report = pipe(O.NONBLOCK);
  using reader = report.reader;
  undo.defer(() => removeRecord(recordPath));
  const keeper = undo.use(Keeper.of(spawnKeeper({ tape, descriptors }, stdio, recordPath, { report, ended })));
  try {
    failpoint("start.spawned");
    const failure = await readReport(reader, reactor);
    if (failure !== undefined) throw failureOf(tape, failure);
    const { pid } = readRecord(recordPath);
    if (pid === undefined) throw internal("the keeper ended before the process began");
    const process = undo.use(processOf(keeper));
    undo.move();
    return { keeper, pid, process, ended: ended.reader };
  } catch (error) {
    keeper.killWithProcess();
    await keeper.gone(reactor);
    throw error;
  }
}

interface Pipe {
  readonly reader: Fd;
  readonly writer: Fd;
}

/** Spawns the keeper, closes what only it and the process need, and returns its pid. */
function spawnKeeper(
  { tape, descriptors }: StartTape,
  stdio: Stdio,
  recordPath: string,
  { report, ended }: { report: Pipe; ended: Pipe },
): number {
  // As long as we have these, too, their end never comes.
  using _report = report.writer;
  using _ended = ended.writer;
  using nothing = open("/dev/null", O.RDWR);
  using record = open(recordPath, O.RDWR | O.CREAT | O.TRUNC, { mode: 0o600 });
  const { stdin, stdout, stderr } = stdio.engine;
  const own: [Fd | undefined, number][] = [
    [nothing, 0],
    [nothing, 1],
    [nothing, 2],
    [report.writer, KEEPER_FD.report],
    [record, KEEPER_FD.record],
    [stdin, KEEPER_FD.stdin],
    [stdout, KEEPER_FD.stdout],
    [stderr, KEEPER_FD.stderr],
    [ended.reader, KEEPER_FD.ended_reader],
    [ended.writer, KEEPER_FD.ended_writer],
  ];
  const passed = own.flatMap(([fd, target]) => fd === undefined ? [] : [{ fd: fd.number, target }]);
  const pid = spawnProgram(toElf(tape), "sauropod-keeper", [
    ...passed,
    ...descriptors.map(({ fd, target }) => ({ fd: fd.number, target })),
  ]);
  closeProcessEnds(stdio);
  return pid;
}

/** Reads the report to its end: undefined when nothing was reported. */
export async function readReport(reader: Fd, reactor: Reactor): Promise<DataView | undefined> {
  const data = new Uint8Array(8);
  let length = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  using _watch = reactor.watch(reader, {
    read: () => {
      try {
        const n = read(reader, data.subarray(length));
        length += n;
        if (n === 0 || length === data.length) resolve();
      } catch (error) {
        if (!isErrno(error, "EAGAIN")) reject(error);
      }
    },
  });
  await promise;
  return length === data.length ? new DataView(data.buffer) : undefined;
}

/** The error that a report stands for: {u32 entry, i32 errno}. */
export function failureOf(tape: Tape, report: DataView): Error {
  const step = tape.steps[report.getUint32(0, true)];
  const errno = report.getInt32(4, true);
  if (step === undefined) return internal(`the keeper reports a step that is not on its tape, errno ${errno}`);
  return step.options.failure?.(errno) ?? stepFailed(step.label, errno);
}

function processOf(keeper: Keeper): Fd {
  try {
    return keeper.fetch(KEEPER_FD.process);
  } catch (error) {
    // The keeper of an exec leaves when its process has ended.
    if (isErrno(error, "ESRCH", "EBADF")) return new Fd(-1);
    throw error;
  }
}
