/** The state of a container in Docker's words. */
import type { ContainerStatus } from "../../base/docker/container.ts";
import { parseRfc3339 } from "../../base/time.ts";
import { humanDuration } from "../../base/units.ts";
import type { LifecycleState } from "../container_record.ts";

/** A state as it looks from outside: a start that is going on is not seen before it has come to its end. */
export type ShownState = Exclude<LifecycleState, { status: "starting" }>;

export function shownState(state: LifecycleState): ShownState {
  return state.status === "starting" ? shownState(state.previous) : state;
}

/** Docker's one word. */
export function containerStatus(state: LifecycleState): ContainerStatus {
  const shown = shownState(state);
  if (shown.status === "running") return shown.paused ? "paused" : "running";
  if (shown.status === "exited") return shown.restarting ? "restarting" : "exited";
  return shown.status;
}

/** Docker's phrase: `Up 3 seconds (Paused)`, `Exited (0) 2 minutes ago`. `now` in nanoseconds since 1970. */
export function statusText(state: LifecycleState, now: bigint): string {
  const shown = shownState(state);
  const since = (time: string) => humanDuration(Number(now - parseRfc3339(time)) / 1e9);
  switch (shown.status) {
    case "created":
      return "Created";
    case "removing":
      return "Removal In Progress";
    case "running":
      return `Up ${since(shown.startedAt)}${shown.paused ? " (Paused)" : ""}`;
    case "exited":
      return `${shown.restarting ? "Restarting" : "Exited"} (${shown.exitCode}) ${since(shown.finishedAt)} ago`;
  }
}
