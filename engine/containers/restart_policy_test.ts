import assert from "node:assert/strict";
import type { ContainerRecord } from "../container_record.ts";
import { restartDelay } from "./restart_policy.ts";

function container(Name: string, MaximumRetryCount: number, restartCount: number) {
  return {
    record: { restartCount, hostConfig: { RestartPolicy: { Name, MaximumRetryCount } } } as unknown as ContainerRecord,
  };
}
const short = { startedAt: "2026-01-01T00:00:00Z", finishedAt: "2026-01-01T00:00:01Z", exitCode: 1, stopped: false };

const rows = [
  { name: "no policy: none", of: container("no", 0, 0), run: short, delay: undefined },
  { name: "always: 100 ms", of: container("always", 0, 0), run: short, delay: 100 },
  { name: "the delay doubles", of: container("always", 0, 3), run: short, delay: 800 },
  { name: "up to a minute", of: container("always", 0, 40), run: short, delay: 60_000 },
  {
    name: "after a long run it is short again",
    of: container("always", 0, 40),
    run: { ...short, finishedAt: "2026-01-01T00:00:11Z" },
    delay: 100,
  },
  {
    name: "stopped by the user: none",
    of: container("always", 0, 0),
    run: { ...short, stopped: true },
    delay: undefined,
  },
  {
    name: "on-failure after a success: none",
    of: container("on-failure", 0, 0),
    run: { ...short, exitCode: 0 },
    delay: undefined,
  },
  { name: "on-failure up to the count", of: container("on-failure", 2, 1), run: short, delay: 200 },
  { name: "on-failure and no more", of: container("on-failure", 2, 2), run: short, delay: undefined },
];
for (const { name, of, run, delay } of rows) {
  Deno.test(`restartDelay(): ${name}`, () => assert.equal(restartDelay(of, run), delay));
}
