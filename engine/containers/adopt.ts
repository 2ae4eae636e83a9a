/**
 * What an engine does at its start with what the one before left: running containers are adopted, ended ones settled,
 * half-started ones undone, half-removed ones removed.
 */
import { describeError, errorClass } from "../../base/errors.ts";
import { fileExists } from "../../base/file_exists.ts";
import { now } from "../../base/timestamps.ts";
import { findKeepers, Keeper, readRecord } from "../../runtime/keeper.ts";
import { KEEPER_FD } from "../../runtime/keeper_layout.ts";
import { O } from "../../sys/open.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import type { LifecycleState } from "../container_record.ts";
import { ContainerNetwork } from "../networks/container_network.ts";
import { isNetworked } from "../networks/wishes.ts";
import type { Parts } from "../parts.ts";
import { cgroupPath } from "./cgroup_path.ts";
import type { Container } from "./container.ts";
import { clearRun, containerEnded, endOf, settle } from "./ended.ts";
import { openContainerLog } from "./open_container_log.ts";
import { removeContainer } from "./remove.ts";
import { RunningContainer } from "./running_container.ts";
import { scheduleRestart } from "./schedule_restart.ts";
import { eventsOf } from "./start.ts";

type Running = Extract<LifecycleState, { status: "running" }>;

/** Milliseconds until the next try with a container that runs and could not be adopted. */
const RETRY = 2000;

/** Brings one container of the database back to life, or to rest. */
export async function adoptContainer(parts: Parts, container: Container): Promise<void> {
  try {
    await adopt(parts, container);
  } catch (error) {
    parts.log(`adoption of container ${container.id} (${container.state.status}): ${describeError(error)}`);
    if (container.state.status !== "running") return;
    container.restartTimer = setTimeout(() => void adoptContainer(parts, container), RETRY);
  }
}

async function adopt(parts: Parts, container: Container): Promise<void> {
  const { state, record, folders } = container;
  if (state.status === "running") {
    const running = takeOver(parts, container, state);
    if (running !== undefined) {
      container.running = running;
      await settleFreezer(parts, container, running);
      adoptNetwork(parts, container, running);
      if (readRecord(folders.record).end !== undefined) await containerEnded(parts, container);
      return;
    }
    settleLost(parts, container, state);
  }
  // A record that is still there: the engine was killed between the end of a run and the end of clearing up after it.
  // By the serial, so that a restart waits for it.
  if (state.status === "starting" || fileExists(folders.record)) {
    await container.serial.run(() => clearLeftovers(parts, container));
  }
  // The start was not confirmed to anybody: the container is what it was before.
  if (state.status === "starting") container.move(state.previous);
  const { state: rest } = container;
  if (rest.status === "exited" && rest.restarting) {
    if (state.status !== "running") scheduleRestart(parts, container, 0);
  } else if (rest.status === "removing" || (record.hostConfig.AutoRemove && state.status !== "created")) {
    await removeContainer(parts, container, { volumes: record.hostConfig.AutoRemove });
  }
}

/** Keepers that nobody has noted down, or not as ended, and what they have started; only under the container's serial. */
export async function clearLeftovers(parts: Parts, container: Container): Promise<void> {
  for (const keeper of findKeepers(container.folders.record)) {
    keeper.killWithProcess();
    keeper[Symbol.dispose]();
  }
  await clearRun(parts, container);
}

/** What the keeper of a running container holds; undefined when the keeper is gone. */
function takeOver(parts: Parts, container: Container, state: Running): RunningContainer | undefined {
  const { config } = container.record;
  const keeper = Keeper.adopt(state.keeper);
  if (keeper === undefined) return undefined;
  using undo = new DisposableStack();
  undo.use(keeper);
  try {
    const ended = undo.use(keeper.fetch(KEEPER_FD.ended_reader));
    const process = undo.use(keeper.fetch(KEEPER_FD.process));
    const stdio = keeper.fetchStdio(config.Tty);
    for (const fd of Object.values(stdio)) undo.use(fd);
    const log = undo.use(openContainerLog(parts, container));
    const cgroup = parts.cgroups.open(cgroupPath(container.record));
    const running = new RunningContainer(
      { keeper, ended, process, pid: state.pid, stdio, terminal: config.Tty, cgroup, oomKills: cgroup.oomKills(), log },
      container,
      parts.reactor,
      eventsOf(parts, container),
    );
    undo.move();
    return running;
  } catch (error) {
    if (isErrno(error, "ESRCH")) return undefined; // it was killed while we looked
    throw error;
  }
}

/**
 * Frozen is what its record says is paused, and nothing else: the engine before may have died between the one and the
 * other. A commit that it was in the middle of is over.
 */
async function settleFreezer(parts: Parts, container: Container, running: RunningContainer): Promise<void> {
  const { state } = container;
  if (state.status !== "running") return;
  try {
    if (state.paused === true) return await running.cgroup.freeze();
    await running.cgroup.thaw();
    if (state.paused) container.move({ ...state, paused: false });
  } catch (error) {
    parts.log(`freezer of container ${container.id}: ${describeError(error)}`);
  }
}

/** Its place in the networks; what of it fails hinders nothing else. */
function adoptNetwork(parts: Parts, container: Container, running: RunningContainer): void {
  if (!isNetworked(container.record.hostConfig.NetworkMode)) return;
  try {
    using namespace = running.openProc("ns/net", O.RDONLY);
    container.network = ContainerNetwork.adopt(parts, container, namespace);
  } catch (error) {
    if (errorClass(error) !== "conflict") parts.log(`network of container ${container.id}: ${describeError(error)}`);
  }
}

/**
 * Rules and proxies of all that were adopted: together, for the firewall drops what it is not told of, that of containers
 * that have ended meanwhile.
 */
export async function publishAdopted({ containers, host, log }: Parts): Promise<void> {
  try {
    await host.firewall();
  } catch (error) {
    return log(`firewall: ${describeError(error)}`);
  }
  await Promise.all(Array.from(containers, async ({ id, network }) => {
    try {
      await network?.publish();
    } catch (error) {
      log(`network of container ${id}: ${describeError(error)}`);
    }
  }));
}

/** The keeper was killed, or the machine was restarted. */
function settleLost(parts: Parts, container: Container, state: Running): void {
  const { folders } = container;
  parts.cgroups.open(cgroupPath(container.record)).kill();
  const end = fileExists(folders.record)
    ? endOf(folders.record)
    // The run folder goes with a reboot. Docker's code for that is 255.
    : { exitCode: 255, error: "the machine was restarted", finishedAt: now() };
  settle(parts, container, state, { ...end, oomKilled: false });
  using log = openContainerLog(parts, container);
  log.end();
}
