import { conflict } from "../../base/errors.ts";
import { failpoint } from "../../base/failpoint.ts";
import type { Parts } from "../parts.ts";
import type { Container } from "./container.ts";
import { publishContainerEvent } from "./container_event.ts";

/** Freezes all processes. @throws `conflict` when it does not run or is paused already. */
export function pauseContainer(parts: Parts, container: Container): Promise<void> {
  return container.serial.run(async () => {
    const { state, running } = container;
    if (state.status !== "running" || running === undefined) throw conflict(`Container ${container.id} is not running`);
    if (state.paused) throw conflict(`Container ${container.id} is already paused`);
    await freeze(parts, container, true);
  });
}

/** Lets them go on. @throws `conflict` when it is not paused. */
export function unpauseContainer(parts: Parts, container: Container): Promise<void> {
  return container.serial.run(async () => {
    const { state, running } = container;
    if (state.status !== "running" || running === undefined || !state.paused) {
      throw conflict(`Container ${container.id} is not paused`);
    }
    await thaw(parts, container);
  });
}

/**
 * Freezes all processes until the result is disposed of, so that its files stay as they are; only under the container's
 * serial. Nothing happens where it does not run, or is paused already.
 */
export async function pausedForCommit(parts: Parts, container: Container): Promise<AsyncDisposable> {
  const { state } = container;
  if (state.status === "running" && !state.paused) await freeze(parts, container, "commit");
  return {
    async [Symbol.asyncDispose]() {
      const { state } = container; // a stop has let them go on
      if (state.status === "running" && state.paused === "commit") await thaw(parts, container);
    },
  };
}

async function freeze(parts: Parts, container: Container, paused: true | "commit"): Promise<void> {
  const { cgroup } = container.running ?? {};
  await cgroup?.freeze();
  try {
    failpoint("pause.frozen");
    move(container, paused);
  } catch (error) {
    await cgroup?.thaw();
    throw error;
  }
  publishContainerEvent(parts, container, "pause");
}

async function thaw(parts: Parts, container: Container): Promise<void> {
  await container.running?.cgroup.thaw();
  failpoint("pause.thawed");
  move(container, false);
  publishContainerEvent(parts, container, "unpause");
}

/** From the state as it is now: a stop may have left its mark while the processes were being frozen. */
function move(container: Container, paused: boolean | "commit"): void {
  const { state } = container;
  if (state.status === "running") container.move({ ...state, paused });
}
