import { conflict } from "../../base/errors.ts";
import type { Parts } from "../parts.ts";
import type { Container } from "./container.ts";
import { publishContainerEvent } from "./container_event.ts";

/** Freezes all processes. @throws `conflict` when it does not run or is paused already. */
export function pauseContainer(parts: Parts, container: Container): Promise<void> {
  return container.serial.run(async () => {
    const { state, running } = container;
    if (state.status !== "running" || running === undefined) throw conflict(`Container ${container.id} is not running`);
    if (state.paused) throw conflict(`Container ${container.id} is already paused`);
    await running.cgroup.freeze();
    container.move({ ...state, paused: true });
    publishContainerEvent(parts, container, "pause");
  });
}

/** Lets them go on. @throws `conflict` when it is not paused. */
export function unpauseContainer(parts: Parts, container: Container): Promise<void> {
  return container.serial.run(async () => {
    const { state, running } = container;
    if (state.status !== "running" || running === undefined || !state.paused) {
      throw conflict(`Container ${container.id} is not paused`);
    }
    await running.cgroup.thaw();
    container.move({ ...state, paused: false });
    publishContainerEvent(parts, container, "unpause");
  });
}
