import type { Fd } from "../../sys/fd.ts";
import { pipe } from "../../sys/file.ts";
import { O, open } from "../../sys/open.ts";
import type { FilesSpec } from "../container_spec.ts";
import { Keeper } from "../keeper.ts";
import { KEEPER_FD } from "../keeper_layout.ts";
import type { Reactor } from "../reactor.ts";
import { spawnProgram } from "../spawn_program.ts";
import { toElf } from "../tape/elf.ts";
import { filesTape } from "./files_tape.ts";
import { type Machine, thisMachine } from "./machine.ts";
import { failureOf, readReport } from "./start.ts";

/** The files of a container, reachable for as long as it is held: a path opened in `root` sees all its mounts. */
export interface HeldFiles extends AsyncDisposable {
  readonly root: Fd;
}

/**
 * Puts the files of a container that does not run together in a mount namespace of their own. Only one at a time, and no
 * start meanwhile: its layers may not be mounted twice.
 * @throws {StartError} with the step that failed
 */
export async function holdFiles(
  spec: FilesSpec,
  reactor: Reactor,
  machine: Machine = thisMachine(),
): Promise<HeldFiles> {
  await using undo = new AsyncDisposableStack();
  const life = pipe();
  undo.use(life.writer);
  const report = pipe(O.NONBLOCK);
  using reader = report.reader;
  const { tape, descriptors } = filesTape(spec, life.reader, machine);
  const holder = undo.use(Keeper.of(spawnHolder(toElf(tape), descriptors, life.reader, report.writer)));
  undo.defer(() => {
    holder.kill();
    return holder.gone(reactor); // until then its mounts are there
  });
  const failure = await readReport(reader, reactor);
  if (failure !== undefined) throw failureOf(tape, failure);
  const root = undo.use(open(`/proc/${holder.identity.pid}/root`, O.PATH | O.DIRECTORY));
  const held = undo.move();
  return { root, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** Closes what only the process needs, and returns its pid. */
function spawnHolder(
  elf: ReturnType<typeof toElf>,
  descriptors: readonly { readonly fd: Fd; readonly target: number }[],
  life: Fd,
  report: Fd,
): number {
  using _life = life;
  using _report = report;
  using nothing = open("/dev/null", O.RDWR);
  return spawnProgram(elf, "sauropod-files", [
    ...[0, 1, 2].map((target) => ({ fd: nothing.number, target })),
    { fd: report.number, target: KEEPER_FD.report },
    ...descriptors.map(({ fd, target }) => ({ fd: fd.number, target })),
  ]);
}
