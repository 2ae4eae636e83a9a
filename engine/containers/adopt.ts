/**
 * What an engine does at its start with what the one before left: running containers are adopted, ended ones settled,
 * half-started ones undone, half-removed ones removed.
 */
import { describeError } from "../../base/errors.ts";
import { now } from "../../base/timestamps.ts";
import { findKeepers, Keeper, readRecord } from "../../runtime/keeper.ts";
import { KEEPER_FD } from "../../runtime/keeper_layout.ts";
import type { LifecycleState } from "../container_record.ts";
import type { Parts } from "../parts.ts";
import { cgroupPath } from "./cgroup_path.ts";
import type { Container } from "./container.ts";
import { containerEnded, endOf, settle } from "./ended.ts";
import { openContainerLog } from "./open_container_log.ts";
import { removeContainer } from "./remove.ts";
import { scheduleRestart } from "./restart.ts";
import { RunningContainer } from "./running_container.ts";
import { eventsOf } from "./start.ts";

type Running = Extract<LifecycleState, { status: "running" }>;

/** Brings one container of the database back to life, or to rest. */
export async function adoptContainer(parts: Parts, container: Container): Promise<void> {
  const { state } = container;
  try {
    if (state.status === "running") await adoptRunning(parts, container, state);
    else if (state.status === "starting") await undoStart(parts, container, state.previous);
    else if (state.status === "removing") await removeContainer(parts, container, {});
    else if (state.status === "exited" && state.restarting) scheduleRestart(parts, container, 0);
    else if (state.status === "exited" && container.record.hostConfig.AutoRemove) {
      await removeContainer(parts, container, {});
    }
  } catch (error) {
    parts.log(`adoption of container ${container.id} (${state.status}): ${describeError(error)}`);
  }
}

async function adoptRunning(parts: Parts, container: Container, state: Running): Promise<void> {
  const { record, folders } = container;
  const cgroup = parts.cgroups.open(cgroupPath(record));
  const keeper = Keeper.adopt(state.keeper);
  if (keeper === undefined) { // killed, or the machine was restarted
    cgroup.kill();
    using log = openContainerLog(parts, container);
    log.end();
    settle(parts, container, state, { ...endOf(folders.record), oomKilled: false, ...rebooted(folders.record) });
    await cgroup.remove();
    if (record.hostConfig.AutoRemove) await removeContainer(parts, container, {});
    return;
  }
  const running = new RunningContainer(
    {
      keeper,
      ended: keeper.fetch(KEEPER_FD.ended_reader),
      process: keeper.fetch(KEEPER_FD.process),
      pid: state.pid,
      stdio: keeper.fetchStdio(record.config.Tty),
      terminal: record.config.Tty,
      cgroup,
      log: openContainerLog(parts, container),
    },
    container,
    parts.reactor,
    eventsOf(parts, container),
  );
  container.running = running;
  if (readRecord(folders.record).end !== undefined) await containerEnded(parts, container);
}

/** No record at all: the run folder went with a reboot. Docker's code for that is 255. */
function rebooted(recordPath: string): { exitCode: number; error: string; finishedAt: string } | undefined {
  try {
    Deno.statSync(recordPath);
    return undefined;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { exitCode: 255, error: "the machine was restarted", finishedAt: now() };
  }
}

/** The start was not confirmed to anybody: its process goes, and the container is what it was before. */
async function undoStart(parts: Parts, container: Container, previous: LifecycleState): Promise<void> {
  const cgroup = parts.cgroups.open(cgroupPath(container.record));
  for (const keeper of findKeepers(container.folders.record)) {
    keeper.killWithProcess();
    keeper[Symbol.dispose]();
  }
  cgroup.kill();
  await cgroup.remove();
  if (previous.status !== "created" && previous.status !== "exited") return;
  container.move(previous);
  try {
    Deno.removeSync(container.folders.record);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
