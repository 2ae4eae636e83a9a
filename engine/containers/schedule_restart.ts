import { describeError } from "../../base/errors.ts";
import type { Parts } from "../parts.ts";
import type { Container } from "./container.ts";
import { start } from "./start.ts";

/** Starts the container again after `delay` milliseconds, unless it was stopped, started or removed until then. */
export function scheduleRestart(parts: Parts, container: Container, delay: number): void {
  container.restartTimer = setTimeout(() => {
    void container.serial.run(async () => {
      const { state } = container;
      if (state.status !== "exited" || !state.restarting) return;
      container.change({ restartCount: container.record.restartCount + 1 });
      await start(parts, container);
    }).catch((error) => parts.log(`restart of container ${container.id}: ${describeError(error)}`));
  }, delay);
}
