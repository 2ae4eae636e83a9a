import { now } from "../../base/timestamps.ts";
import { fromNanoseconds } from "../../base/timestamps.ts";
import { readRecord } from "../../runtime/keeper.ts";
import type { LifecycleState } from "../container_record.ts";
import type { Parts } from "../parts.ts";
import type { Container } from "./container.ts";
import { publishContainerEvent } from "./container_event.ts";
import { removeContainer } from "./remove.ts";
import { restartDelay, scheduleRestart } from "./restart.ts";

type Running = Extract<LifecycleState, { status: "running" }>;

/** The sentence for an exit code that died with the keeper; never 0 (fault 2). */
const LOST = "the keeper of this container was killed: its true exit code could not be retrieved";

/** How a run ended: from the keeper's record. */
export interface End {
  readonly exitCode: number;
  readonly error: string;
  readonly finishedAt: string;
}

export function endOf(recordPath: string): End {
  const { end } = readRecord(recordPath);
  if (end === undefined) return { exitCode: 137, error: LOST, finishedAt: now() };
  return { exitCode: end.exitCode, error: "", finishedAt: fromNanoseconds(end.finishedAt) };
}

/**
 * The process has ended: what is left of it is killed, its last output taken in, everything given back, the end put on
 * record; then those who wait hear of it, and the container is removed or restarted if that is its policy.
 */
export function containerEnded(parts: Parts, container: Container): Promise<void> {
  return container.serial.run(async () => {
    const { state, running } = container;
    if (state.status !== "running" || running === undefined) return;
    container.running = undefined;
    running.cgroup.kill(); // without an own PID namespace others may have stayed
    running.pump.drain();
    running.log.end();
    const oomKilled = running.checkOom();
    await settle(parts, container, state, { ...endOf(container.folders.record), oomKilled });
    container.hub.endRun();
    container.input.endRun();
    running.keeper.kill();
    running[Symbol.dispose]();
    await running.cgroup.remove();
    await removeRecord(container);
    if (container.record.hostConfig.AutoRemove && !willRestart(container)) {
      queueMicrotask(() => void removeContainer(parts, container, {}));
    }
  }).catch((error) => parts.log(`end of container ${container.id}: ${error}`));
}

/** Puts the end on record and tells it. */
export function settle(parts: Parts, container: Container, run: Running, end: End & { oomKilled: boolean }): void {
  const { exitCode, error, finishedAt, oomKilled } = end;
  const { startedAt, stopping: stopped } = run;
  const delay = restartDelay(container, { exitCode, startedAt, finishedAt, stopped });
  container.move({
    status: "exited",
    exitCode,
    error,
    oomKilled,
    startedAt,
    finishedAt,
    stopped,
    restarting: delay !== undefined,
  });
  publishContainerEvent(parts, container, "die", { exitCode: String(exitCode) });
  container.announceExit({ StatusCode: exitCode });
  if (delay !== undefined) scheduleRestart(parts, container, delay);
}

function willRestart({ state }: Container): boolean {
  return state.status === "exited" && state.restarting;
}

async function removeRecord({ folders }: Container): Promise<void> {
  try {
    await Deno.remove(folders.record);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
