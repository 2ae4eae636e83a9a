import assert from "node:assert/strict";
import type { EventMessage } from "../../base/docker/system.ts";
import { command } from "./events.ts";
import { run } from "./run_test_support.ts";

const start: EventMessage = {
  Type: "container",
  Action: "start",
  Actor: { ID: "abc", Attributes: { name: "x", image: "y" } },
  scope: "local",
  time: 1700000000,
  timeNano: 1700000000123456800,
};

const events = (line: string[]) => run(command, { system: { events: () => ReadableStream.from([start]) } }, line);

Deno.test("an event is a line of time, type, action, id and sorted attributes", async () => {
  const [, time, rest] = /^(\S+) (.*)\n$/.exec((await events([])).stdout) ?? [];
  assert.equal(rest, "container start abc (image=y, name=x)");
  assert.match(time ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.123456800(Z|[+-]\d\d:\d\d)$/);
  assert.equal(Date.parse(time ?? ""), 1700000000123);
});

Deno.test("events --format has the fields under docker's names", async () => {
  const format =
    "{{.Type}} {{.Action}} {{.Actor.ID}} {{.Actor.Attributes.name}} {{.Actor.Attributes.nope}} {{.Time}}{{.Status}}";
  assert.equal((await events(["--format", format])).stdout, "container start abc x <no value> 1700000000\n");
});

Deno.test("a template that asks for an unknown field is refused before the first event", async () => {
  const { code, stdout, stderr } = await run(command, {}, ["--format", "{{.Nope}}"]);
  assert.deepEqual([code, stdout], [64, ""]);
  assert.match(stderr, /^Error parsing format: template: :1:2: .*can't evaluate field Nope in type event\n$/);
});

Deno.test("events --since and --until are given to the engine in seconds", async () => {
  let asked: { since?: number; until?: number } | undefined;
  const system = { events: (options?: typeof asked) => (asked = options, ReadableStream.from<EventMessage>([])) };
  const before = Date.now() / 1000;
  await run(command, { system }, ["--since", "1700000000.5", "--until", "10m"]);
  assert.equal(asked?.since, 1700000000.5);
  assert.ok(Math.abs((asked?.until ?? 0) - (before - 600)) < 60);
  await assert.rejects(run(command, { system }, ["--since", "yesterday"]), { class: "invalid" });
});
