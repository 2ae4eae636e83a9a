/**
 * System calls that may wait for another machine, for minutes or for ever: each in a process of its own, in this mount
 * namespace, which can be killed. (On another thread of the engine nobody could end them, and errno would be lost.)
 */
import { decodeBits } from "../sys/bits.ts";
import { ERRNO } from "../sys/errno.ts";
import { pipe } from "../sys/file.ts";
import { MS_BITS } from "../sys/mount_flags.ts";
import { O, open } from "../sys/open.ts";
import { SIGNAL } from "../sys/process_flags.ts";
import { type SyscallContext, SyscallError } from "../sys/syscall_error.ts";
import { Keeper } from "./keeper.ts";
import { KEEPER_FD } from "./keeper_layout.ts";
import type { Reactor } from "./reactor.ts";
import { spawnProgram } from "./spawn_program.ts";
import { thisMachine } from "./start/machine.ts";
import { failureOf, readReport } from "./start/start.ts";
import { named } from "./tape/argument.ts";
import * as call from "./tape/call.ts";
import { toElf } from "./tape/elf.ts";
import { Tape } from "./tape/tape.ts";

/**
 * Mounts a file system of the network. The kernel gives up by itself.
 * @throws {SyscallError} as mount(2) does; it does not tell the options, which may hold a password
 */
export async function mountAside(
  source: string,
  target: string,
  { type, flags, data }: { type: string; flags: number; data: string },
  reactor: Reactor,
): Promise<void> {
  const context = { object: `${source} on ${target} (type ${type})`, flags: decodeBits(flags, MS_BITS) };
  await aside(call.mount(source, target, type, flags, data), context, reactor);
}

/**
 * Opens a folder and closes it again: what has answered now may be asked here.
 * @throws {SyscallError} as openat(2) does; ETIMEDOUT when there was no answer for so many milliseconds
 */
export async function openAside(folder: string, patience: number, reactor: Reactor): Promise<void> {
  const opening = call.openat(call.AT_FDCWD, folder, O.RDONLY | O.DIRECTORY | O.CLOEXEC);
  await aside(opening, { object: folder }, reactor, patience);
}

async function aside(what: call.Call, context: SyscallContext, reactor: Reactor, patience?: number): Promise<void> {
  const tape = new Tape(thisMachine().arch);
  tape.add(
    "end with the engine",
    call.prctl("SET_PDEATHSIG", named(SIGNAL.KILL, "SIGKILL")),
    "nobody would wait for it",
  );
  tape.add(what.name, what, "what it is for", { failure: (errno) => new SyscallError(what.name, errno, context) });
  tape.add("end", call.exitGroup(0), "it is done");
  const report = pipe(O.NONBLOCK);
  using reader = report.reader;
  using process = Keeper.of(spawn(toElf(tape), report.writer));
  let late = false;
  const timer = patience && setTimeout(() => {
    late = true;
    process.kill();
  }, patience);
  const failure = await readReport(reader, reactor);
  await process.gone(reactor);
  clearTimeout(timer);
  if (failure !== undefined) throw failureOf(tape, failure);
  if (late) throw new SyscallError(what.name, ERRNO.ETIMEDOUT, context);
}

/** Closes what only the process needs, and returns its pid. */
function spawn(elf: ReturnType<typeof toElf>, report: ReturnType<typeof pipe>["writer"]): number {
  using _report = report;
  using nothing = open("/dev/null", O.RDWR);
  return spawnProgram(elf, "sauropod-aside", [
    ...[0, 1, 2].map((target) => ({ fd: nothing.number, target })),
    { fd: report.number, target: KEEPER_FD.report },
  ]);
}
