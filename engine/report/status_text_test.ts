import assert from "node:assert/strict";
import { parseRfc3339 } from "../../base/time.ts";
import { ZERO_TIME } from "../../base/timestamps.ts";
import type { LifecycleState } from "../container_record.ts";
import { containerState } from "./container_state.ts";
import { CREATED, EXITED, RUNNING } from "./report_test_support.ts";
import { containerStatus, statusText } from "./status_text.ts";

const NOW = parseRfc3339("2026-01-02T03:06:00Z");
const PAUSED = { ...RUNNING, paused: true } as LifecycleState;
const RESTARTING = { ...EXITED, restarting: true } as LifecycleState;

Deno.test("statusText() and containerStatus() say what Docker says", () => {
  const rows: [LifecycleState, string, string][] = [
    [CREATED, "created", "Created"],
    [RUNNING, "running", "Up 6 minutes"],
    [PAUSED, "paused", "Up 6 minutes (Paused)"],
    [EXITED, "exited", "Exited (3) 2 minutes ago"],
    [RESTARTING, "restarting", "Restarting (3) 2 minutes ago"],
    [{ status: "removing", previous: EXITED }, "removing", "Removal In Progress"],
    [{ status: "starting", previous: CREATED }, "created", "Created"],
    [{ status: "starting", previous: EXITED }, "exited", "Exited (3) 2 minutes ago"],
  ];
  for (const [state, status, text] of rows) {
    assert.equal(containerStatus(state), status);
    assert.equal(statusText(state, NOW), text);
  }
});

Deno.test("containerState() has pid and times where they are known, and the end of a run", () => {
  const { Pid, StartedAt, FinishedAt, Running } = containerState(RUNNING);
  assert.deepEqual([Pid, StartedAt, FinishedAt, Running], [42, "2026-01-02T03:00:00.000000000Z", ZERO_TIME, true]);
  const ended = containerState(EXITED);
  assert.deepEqual([ended.Pid, ended.ExitCode, ended.OOMKilled, ended.Running], [0, 3, true, false]);
  const failed = containerState(CREATED);
  assert.deepEqual([failed.ExitCode, failed.Error, failed.StartedAt], [127, "no such file", ZERO_TIME]);
  const paused = containerState(PAUSED);
  assert.deepEqual([paused.Status, paused.Running, paused.Paused], ["paused", true, true]);
  const waiting = containerState(RESTARTING);
  assert.deepEqual([waiting.Status, waiting.Running, waiting.Restarting], ["restarting", true, true]);
  const going = containerState({ status: "removing", previous: EXITED });
  assert.deepEqual([going.Status, going.ExitCode], ["removing", 3]);
});
