/**
 * Commands in containers that an engine which has died had started. Nobody can ask for them any more, their ids were in
 * its memory; but they run on, and must not wait for ever for somebody who reads their output or writes their input.
 */
import { describeError } from "../../base/errors.ts";
import { findKeepers, type Keeper } from "../../runtime/keeper.ts";
import { KEEPER_FD } from "../../runtime/keeper_layout.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import type { Parts } from "../parts.ts";
import { OutputPump } from "../processes/output_pump.ts";

/** Carries their output away until they end; removes the records of those that have. */
export function adoptExecs(parts: Parts): void {
  const folder = `${parts.settings.runDir}/execs`;
  for (const { name } of Deno.readDirSync(folder)) {
    const record = `${folder}/${name}`;
    try {
      const [keeper, ...others] = findKeepers(record);
      for (const other of others) other[Symbol.dispose]();
      if (keeper === undefined || !accompany(parts, keeper, record)) Deno.removeSync(record);
    } catch (error) {
      parts.log(`adoption of exec ${name}: ${describeError(error)}`);
    }
  }
}

/** False when it ends while we look. */
function accompany({ reactor }: Parts, keeper: Keeper, record: string): boolean {
  using undo = new DisposableStack();
  undo.use(keeper);
  try {
    const ended = undo.use(keeper.fetch(KEEPER_FD.ended_reader));
    const terminal = !holds(keeper, KEEPER_FD.stdout);
    const { stdin, stdout, stderr } = keeper.fetchStdio(terminal);
    if (!terminal) {
      stdin?.close();
      keeper.closeStdin();
    }
    const output = terminal ? stdin : stdout;
    const sources = { ...output && { stdout: output }, ...stderr && { stderr }, terminal };
    undo.use(new OutputPump(reactor, sources, () => {}));
    undo.use(reactor.watch(ended, {
      read: () => {
        resources.dispose();
        Deno.removeSync(record);
      },
    }));
    const resources = undo.move();
    return true;
  } catch (error) {
    if (isErrno(error, "ESRCH", "EBADF")) return false;
    throw error;
  }
}

function holds(keeper: Keeper, descriptor: number): boolean {
  try {
    keeper.fetch(descriptor).close();
    return true;
  } catch (error) {
    if (isErrno(error, "EBADF")) return false;
    throw error;
  }
}
