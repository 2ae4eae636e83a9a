import type { ContainerState } from "../../base/docker/container.ts";
import { ZERO_TIME } from "../../base/timestamps.ts";
import type { LifecycleState } from "../container_record.ts";
import { containerStatus, shownState } from "./status_text.ts";

/** `State` of `inspect`. To Docker a container that waits for its restart is running too. */
export function containerState(state: LifecycleState): ContainerState {
  const shown = shownState(state);
  const status = containerStatus(shown);
  const common: ContainerState = {
    Status: status,
    Running: status === "running" || status === "paused" || status === "restarting",
    Paused: status === "paused",
    Restarting: status === "restarting",
    OOMKilled: false,
    Dead: false,
    Pid: 0,
    ExitCode: 0,
    Error: "",
    StartedAt: ZERO_TIME,
    FinishedAt: ZERO_TIME,
  };
  switch (shown.status) {
    case "created":
      return { ...common, ExitCode: shown.exitCode, Error: shown.error };
    case "running":
      return { ...common, Pid: shown.pid, StartedAt: shown.startedAt };
    case "exited": {
      const { exitCode: ExitCode, error: Error, oomKilled: OOMKilled, startedAt, finishedAt } = shown;
      return { ...common, ExitCode, Error, OOMKilled, StartedAt: startedAt, FinishedAt: finishedAt };
    }
    case "removing": { // what it was before, but that it goes
      const { Status: _, ...before } = containerState(shown.previous);
      return { ...before, Status: status };
    }
  }
}
