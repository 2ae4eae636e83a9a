import assert from "node:assert/strict";
import type { EventsOptions, Filters } from "../base/container_engine.ts";
import type { EventMessage } from "../base/docker/system.ts";
import { EventLog } from "./events.ts";

const SECOND = 1_000_000_000n;
const PAST = 1_700_000_000n * SECOND;

function publish(log: EventLog, action: string, attributes: Record<string, string> = {}, time = PAST): void {
  log.publish({ Type: "container", Action: action, Actor: { ID: "c0ffee".repeat(10), Attributes: attributes } }, time);
}

async function actions(log: EventLog, options: EventsOptions): Promise<string> {
  const found: string[] = [];
  for await (const { Action } of log.subscribe(options)) found.push(Action);
  return found.join(" ");
}

Deno.test("publish() gives Docker's message, with the fields of old for containers and images", async () => {
  const log = new EventLog();
  const events = log.subscribe();
  log.publish(
    { Type: "container", Action: "start", Actor: { ID: "c1", Attributes: { image: "i", name: "n" } } },
    PAST + 5n,
  );
  log.publish({ Type: "network", Action: "connect", Actor: { ID: "n1", Attributes: {} } }, PAST);
  const { value } = await events.next();
  const { timeNano, ...rest } = value as EventMessage;
  assert.deepEqual(rest, {
    status: "start",
    id: "c1",
    from: "i",
    Type: "container",
    Action: "start",
    Actor: { ID: "c1", Attributes: { image: "i", name: "n" } },
    scope: "local",
    time: 1_700_000_000,
  });
  assert.match(JSON.stringify({ timeNano }), /^\{"timeNano":17\d{17}\}$/);
  assert.equal("status" in (await events.next()).value, false);
});

Deno.test("subscribe() gives the past only when it is asked for, both ends included", async () => {
  const log = new EventLog();
  for (let second = 0n; second < 5n; second++) publish(log, `a${second}`, {}, PAST + second * SECOND);
  assert.equal(await actions(log, { since: 1_700_000_001, until: 1_700_000_003 }), "a1 a2 a3");
  assert.equal(await actions(log, { until: 1_700_000_001 }), "a0 a1");
  const controller = new AbortController();
  const live = actions(log, { signal: controller.signal });
  publish(log, "now");
  await new Promise((resolve) => setTimeout(resolve, 0));
  controller.abort();
  assert.equal(await live, "now");
});

Deno.test("subscribe() goes on from the past into the present without a gap, and ends at until", async () => {
  const log = new EventLog();
  publish(log, "old");
  const reading = actions(log, { since: 0, until: Date.now() / 1000 + 0.1 });
  publish(log, "new");
  assert.equal(await reading, "old new");
});

Deno.test("subscribe() keeps the last thousand events and more", async () => {
  const log = new EventLog();
  for (let i = 0; i < 5000; i++) publish(log, `${i}`);
  const kept = (await actions(log, { since: 0, until: 1_700_000_000 })).split(" ");
  assert.equal(kept.length, 1024);
  assert.equal(kept.at(-1), "4999");
});

Deno.test("subscribe() that is not read loses the oldest and is told how many, the engine goes on", async () => {
  const log = new EventLog();
  const events = log.subscribe();
  for (let i = 0; i < 3000; i++) publish(log, `${i}`);
  const { value } = await events.next();
  assert.deepEqual([value.Type, value.Action, value.Actor.Attributes.count], ["daemon", "events lost", "1976"]);
  assert.equal((await events.next()).value.Action, "1976");
  await events.return?.();
  assert.equal((await events.next()).done, true);
});

Deno.test("subscribe() filters as Docker does", async () => {
  const log = new EventLog();
  const attributes = { name: "web", image: "reg:5000/busybox:1.36", team: "a", empty: "" };
  publish(log, "create", attributes);
  publish(log, "exec_create: sh -c true", attributes);
  publish(log, "die", { ...attributes, name: "db" });
  const Actor = { ID: "busybox:latest", Attributes: { name: "busybox:latest" } };
  log.publish({ Type: "image", Action: "tag", Actor }, PAST);
  const rows: [Filters, string][] = [
    [{}, "create exec_create: sh -c true die tag"],
    [{ type: ["image"] }, "tag"],
    [{ event: ["create", "die"] }, "create die"],
    [{ event: ["exec_create"] }, "exec_create: sh -c true"],
    [{ container: ["web"] }, "create exec_create: sh -c true"],
    [{ container: ["c0ffee"], event: ["die"] }, "die"],
    [{ image: ["reg:5000/busybox"] }, "create exec_create: sh -c true die"],
    [{ image: ["busybox"] }, "tag"],
    [{ label: ["team=a", "empty"] }, "create exec_create: sh -c true die"],
    [{ label: ["team=a", "team=b"] }, ""],
    [{ scope: ["swarm"] }, ""],
  ];
  for (const [filters, expected] of rows) {
    assert.equal(await actions(log, { filters, until: 1_750_000_000 }), expected, JSON.stringify(filters));
  }
  assert.throws(() => log.subscribe({ filters: { foo: ["x"] } }), {
    message: "invalid filter 'foo'",
    class: "invalid",
  });
});
