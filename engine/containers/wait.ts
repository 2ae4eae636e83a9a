import type { WaitOptions } from "../../base/container_engine.ts";
import type { WaitResult } from "../../base/docker/container.ts";
import type { Container } from "./container.ts";

/** The result when `condition` holds: at once where it does already. The waiter is in place when this returns. */
export function waitForContainer(
  container: Container,
  { condition = "not-running", signal }: WaitOptions,
): Promise<WaitResult> {
  const { state } = container;
  if (condition === "not-running" && state.status !== "running" && state.status !== "starting") {
    const StatusCode = "exitCode" in state ? state.exitCode : 0;
    return Promise.resolve({ StatusCode });
  }
  const result = condition === "removed" ? container.removal() : container.nextExit();
  return signal === undefined ? result : Promise.race([result, aborted(signal)]);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
