import { describeError } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import { fromNanoseconds, now } from "../../base/timestamps.ts";
import { readRecord, removeRecord } from "../../runtime/keeper.ts";
import type { LifecycleState } from "../container_record.ts";
import { recipientsOf } from "../networks/links.ts";
import { publishPlaces } from "../networks/network_event.ts";
import type { Parts } from "../parts.ts";
import { cgroupPath } from "./cgroup_path.ts";
import type { Container } from "./container.ts";
import { publishContainerEvent } from "./container_event.ts";
import { leaveNetwork } from "./leave_network.ts";
import { removeByItself } from "./remove.ts";
import { restartDelay } from "./restart_policy.ts";
import { scheduleRestart } from "./schedule_restart.ts";

type Running = Extract<LifecycleState, { status: "running" }>;

/** The sentence for an exit code that died with the keeper; never 0 (fault 2). */
const LOST = "the keeper of this container was killed: its true exit code could not be retrieved";

/** Milliseconds until the next try to put an end on record, when the disk refuses it. */
const RETRY = 1000;

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
 * The process has ended: what is left of it is killed, its last output taken in, the end put on record, everything given
 * back; then the container is removed or restarted if that is its policy. The keeper's record goes last: as long as it is
 * there the next engine looks for leftovers.
 */
export function containerEnded(parts: Parts, container: Container): Promise<void> {
  return container.serial.run(async () => {
    const { state, running } = container;
    if (state.status !== "running" || running === undefined) return;
    running.cgroup.kill(); // without an own PID namespace others may have stayed
    running.pump.drain();
    running.log.end();
    const oomKilled = running.checkOom();
    settle(parts, container, state, { ...endOf(container.folders.record), oomKilled });
    container.running = undefined;
    failpoint("ended.settled");
    container.hub.endRun();
    container.input.endRun();
    running.keeper.kill();
    running[Symbol.dispose]();
    failpoint("ended.released");
    await clearRun(parts, container);
    if (container.record.hostConfig.AutoRemove && !willRestart(container)) removeByItself(parts, container);
  }).catch((error) => {
    parts.log(`end of container ${container.id}: ${describeError(error)}`);
    if (container.running === undefined) return;
    container.restartTimer = setTimeout(() => void containerEnded(parts, container), RETRY);
  });
}

/** Puts the end on record and tells it. */
export function settle(parts: Parts, container: Container, run: Running, end: End & { oomKilled: boolean }): void {
  const { exitCode, error, finishedAt, oomKilled } = end;
  const { startedAt, stopping: stopped } = run;
  const delay = restartDelay(container, { exitCode, startedAt, finishedAt, stopped });
  publishPlaces(parts, container, "disconnect");
  container.move({
    status: "exited",
    exitCode,
    error,
    oomKilled,
    startedAt,
    finishedAt,
    stopped,
    restarting: delay !== undefined,
  }, { networkSettings: leaveNetwork(container) });
  for (const { id, network } of recipientsOf(parts, container)) { // or their links would lead to who gets its address
    network?.publish().catch((error) => parts.log(`links of container ${id}: ${describeError(error)}`));
  }
  publishContainerEvent(parts, container, "die", { exitCode: String(exitCode) });
  container.announceExit({ StatusCode: exitCode });
  if (delay !== undefined) scheduleRestart(parts, container, delay);
}

/** Takes away what a run whose keeper is gone leaves on the machine: processes, control group, and last the record. */
export async function clearRun({ cgroups, log }: Parts, { id, record, folders }: Container): Promise<void> {
  try {
    const cgroup = cgroups.open(cgroupPath(record));
    cgroup.kill();
    await cgroup.remove();
    removeRecord(folders.record);
  } catch (error) {
    log(`leftovers of container ${id}: ${describeError(error)}`);
  }
}

function willRestart({ state }: Container): boolean {
  return state.status === "exited" && state.restarting;
}
