import type { StopOptions } from "../../base/container_engine.ts";
import { conflict, invalid, notModified } from "../../base/errors.ts";
import { DEFAULT_STOP_SIGNAL, parseSignal } from "../../base/signals.ts";
import { pidfdSendSignal } from "../../sys/pidfd.ts";
import { isErrno } from "../../sys/syscall_error.ts";
import type { Parts } from "../parts.ts";
import type { Container } from "./container.ts";
import { publishContainerEvent } from "./container_event.ts";
import { cancelRestart } from "./restart_policy.ts";

const SIGKILL = 9;
const DEFAULT_TIMEOUT = 10;

/**
 * Asks the process to end, and after the time-out ends it.
 * @throws `not_modified` when it does not run.
 */
export async function stopContainer(parts: Parts, container: Container, options: StopOptions): Promise<void> {
  const { config } = container.record;
  await startIsDecided(container);
  cancelRestart(container);
  if (container.running === undefined) throw notModified(`container ${container.id} is not running`);
  const signal = options.signal ? parseSignal(options.signal) : stopSignal(container);
  const seconds = options.timeout ?? config.StopTimeout ?? DEFAULT_TIMEOUT;
  const exit = container.nextExit();
  markStopping(container);
  await signalContainer(parts, container, signal);
  if (!await within(exit, seconds)) {
    await signalContainer(parts, container, SIGKILL);
    await exit;
  }
  publishContainerEvent(parts, container, "stop");
}

/**
 * Sends a signal; SIGKILL also takes back a restart. @throws `conflict` when it does not run.
 */
export async function killContainer(parts: Parts, container: Container, name: string | undefined): Promise<void> {
  const signal = parseSignal(name || "SIGKILL");
  await startIsDecided(container);
  if (container.running === undefined) {
    throw conflict(`cannot kill container: ${container.record.name}: container ${container.id} is not running`);
  }
  if (signal === SIGKILL) markStopping(container);
  const exit = container.nextExit();
  await signalContainer(parts, container, signal);
  if (signal === SIGKILL) await within(exit, DEFAULT_TIMEOUT);
}

/** A container that is just being started, by its restart policy maybe, is not one that does not run. */
export async function startIsDecided({ state, serial }: Container): Promise<void> {
  if (state.status === "starting") await serial.run(() => Promise.resolve());
}

async function signalContainer(parts: Parts, container: Container, signal: number): Promise<void> {
  const { running, state } = container;
  if (running === undefined || state.status !== "running") return;
  try {
    pidfdSendSignal(running.process, signal);
  } catch (error) {
    if (isErrno(error, "EINVAL")) throw invalid(`Invalid signal: ${signal}`, { cause: error });
    if (!isErrno(error, "ESRCH")) throw error; // it ended meanwhile
  }
  publishContainerEvent(parts, container, "kill", { signal: String(signal) });
  if (!state.paused || (signal !== SIGKILL && signal !== stopSignal(container))) return;
  // A frozen process takes even SIGKILL only when it goes on.
  await running.cgroup.thaw();
  if (container.state.status === "running") container.move({ ...container.state, paused: false });
}

function stopSignal({ record }: Container): number {
  return parseSignal(record.config.StopSignal || DEFAULT_STOP_SIGNAL);
}

function markStopping(container: Container): void {
  const { state } = container;
  if (state.status === "running" && !state.stopping) container.move({ ...state, stopping: true });
}

/** Whether `promise` settles within so many seconds. */
async function within(promise: Promise<unknown>, seconds: number): Promise<boolean> {
  if (seconds < 0) return promise.then(() => true);
  const { promise: timeout, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), seconds * 1000);
  try {
    return await Promise.race([promise.then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
