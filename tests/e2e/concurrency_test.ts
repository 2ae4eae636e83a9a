/** Many callers at once, and containers that end at the worst moment: one outcome, no deadlock, nothing left. */
import assert from "node:assert/strict";
import { errorClass } from "../../base/errors.ts";
import { assertNoBugs, clientOf, leftovers, names, request, runDetached, traces } from "../support/crash.ts";
import { requires } from "../support/requires.ts";
import { Sandbox, until } from "../support/sandbox.ts";

const needs = requires({ root: true, cgroup: "any", command: "busybox" });

/** How each call ended: `ok`, or the class of its error. */
async function outcomes(calls: Iterable<Promise<unknown>>): Promise<string[]> {
  return (await Promise.allSettled(calls)).map((result) =>
    result.status === "fulfilled" ? "ok" : errorClass(result.reason)
  );
}

function count(all: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of all.toSorted()) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}

const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

Deno.test({
  name: "of many creations with one name one wins; all of 30 starts at once come up; a storm of rm -f removes all",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
    await using engine = clientOf(box);
    const { containers } = engine;
    const named = await outcomes(times(20, () => containers.create(request("true"), { name: "the-one" })));
    assert.deepEqual(count(named), { conflict: 19, ok: 1 });

    const created = await Promise.all(times(30, () => containers.create(request("exec sleep 1000"))));
    const ids = created.map(({ Id }) => Id);
    const started = await outcomes([...ids, ...ids].map((id) => containers.start(id)));
    // Started twice: with the second call nothing changes, and docker's client takes that for a success.
    assert.deepEqual(started.filter((outcome) => !["ok", "not_modified"].includes(outcome)), []);
    const states = await Promise.all(ids.map((id) => containers.inspect(id)));
    assert.ok(states.every(({ State }) => State.Running));
    assert.equal(new Set(states.map(({ State }) => State.Pid)).size, 30);

    const removed = await outcomes([...ids, ...ids, ...ids].map((id) => containers.remove(id, { force: true })));
    assert.deepEqual(removed.filter((outcome) => !["ok", "not_found", "conflict"].includes(outcome)), []);
    await containers.remove("the-one");
    assert.deepEqual(await containers.list({ all: true }), []);
    await until("nothing is left", () => leftovers(box, []).length === 0);
    for (const id of ids) assert.deepEqual(traces(box, id), []);
  },
});

Deno.test({
  name: "start, stop, kill, pause, exec and rm of one container at once: each call is answered, the engine stays sane",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
    await using engine = clientOf(box);
    const { containers, execs } = engine;
    const pid = await box.enginePid();
    const allowed = ["ok", "not_modified", "conflict", "not_found"];
    for (let round = 0; round < 5; round++) {
      const { Id } = await containers.create(request("exec sleep 1000", { AutoRemove: round % 2 === 1 }), {
        name: "torn",
      });
      const execute = async () => {
        const exec = await execs.create(Id, { Cmd: ["true"], AttachStdout: true });
        const streams = await execs.start(exec.Id);
        for await (const _ of streams?.output ?? []) { /* to its end */ }
      };
      const all = await outcomes(
        times(6, (i) => [
          containers.start(Id),
          containers.pause(Id).finally(() => containers.unpause(Id)),
          execute(),
          i % 2 === 0 ? containers.stop(Id, { timeout: 0 }) : containers.kill(Id),
          containers.restart(Id, { timeout: 0 }),
          containers.inspect(Id),
          containers.list({ all: true }),
        ]).flat(),
      );
      assert.deepEqual(all.filter((outcome) => !allowed.includes(outcome)), []);
      const removed = await outcomes(times(3, () => containers.remove(Id, { force: true })));
      assert.deepEqual(removed.filter((outcome) => !allowed.includes(outcome)), []);
      assert.deepEqual(await containers.list({ all: true }), []);
      assert.deepEqual(traces(box, Id), []);
    }
    assert.equal(await box.enginePid(), pid);
  },
});

Deno.test({
  name: "a container that ends by itself while it is stopped, paused, executed in or removed keeps its exit code",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
    await using engine = clientOf(box);
    const { containers, execs } = engine;
    const allowed = ["ok", "not_modified", "conflict"];
    const verbs: ((id: string) => Promise<unknown>)[] = [
      (id) => containers.stop(id, { timeout: 5, signal: "SIGUSR1" }), // PID 1 without a handler: only the end is waited for
      (id) => containers.pause(id).then(() => containers.unpause(id)),
      (id) => execs.create(id, { Cmd: ["true"] }).then((exec) => execs.start(exec.Id, { detach: true })),
      (id) => containers.kill(id, { signal: "SIGUSR1" }),
      (id) => containers.update(id, { CpuShares: 512 }),
      (id) => containers.top(id),
    ];
    const ended = await Promise.all(times(24, async (i) => {
      const id = await runDetached(engine, `short-${i}`, `sleep 0.0${i % 8}; exit 5`);
      const [outcome] = await outcomes([verbs[i % verbs.length]?.(id) ?? Promise.resolve()]);
      const { StatusCode } = await containers.wait(id);
      return { verb: i % verbs.length, fine: allowed.includes(outcome ?? ""), outcome, StatusCode };
    }));
    assert.deepEqual(ended.filter(({ fine, StatusCode }) => !fine || StatusCode !== 5), []);
  },
});

Deno.test({
  name: "who attaches and does not read slows the container down, not the engine, and costs it no memory",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
    await using engine = clientOf(box);
    const id = await runDetached(
      engine,
      "yes",
      "exec yes 0123456789012345678901234567890123456789012345678901234567890123",
    );
    const connections: Deno.Conn[] = [];
    const before = residentSize(await box.enginePid());
    try {
      for (
        const path of [`containers/${id}/attach?stream=1&stdout=1`, `containers/${id}/logs?follow=1&stdout=1`, "events"]
      ) {
        const connection = await Deno.connect({ transport: "unix", path: box.socket });
        connections.push(connection);
        const method = path.includes("attach") ? "POST" : "GET";
        await connection.write(new TextEncoder().encode(`${method} /v1.47/${path} HTTP/1.1\r\nHost: x\r\n\r\n`));
      }
      const sizes: number[] = [];
      for (let i = 0; i < 8; i++) {
        await new Promise((resolve) => setTimeout(resolve, 250));
        assert.equal((await box.ok("ps", "-q")).length, 12);
        sizes.push(residentSize(await box.enginePid()));
      }
      assert.ok(Math.max(...sizes) < before + (96 << 20), `${before} bytes before, then ${sizes}`);
    } finally {
      for (const connection of connections) connection.close();
    }
    const size = async () => (await logSizes(box, id)).reduce((sum, n) => sum + n, 0);
    const then = await size();
    await until("it goes on when the reader is gone", async () => await size() !== then);
    await box.ok("rm", "-f", "yes");
  },
});

Deno.test({
  name: "a flood of output is rotated at its size, and everything else is answered meanwhile",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
    await using engine = clientOf(box);
    const LogConfig = { Type: "json-file", Config: { "max-size": "1m", "max-file": "3" } };
    const id = await runDetached(engine, "yes", "exec yes", { LogConfig });
    const following = box.sauropod(["logs", "-f", "--tail", "1", "yes"]);
    for (let i = 0; i < 10; i++) {
      assert.equal(await box.ok("exec", "yes", "echo", String(i)), String(i));
      const sizes = await logSizes(box, id);
      assert.ok(sizes.length <= 3 && sizes.every((size) => size < 1.5 * (1 << 20)), `log files of ${sizes} bytes`);
    }
    // While the files are renamed there are two for a moment.
    await until("there are as many as may be", async () => (await logSizes(box, id)).length === 3);
    assert.equal(await box.ok("logs", "--tail", "3", "yes"), "y\ny\ny");
    await box.ok("rm", "-f", "yes");
    assert.match((await following).stdout, /^(y\n)+$/);
  },
});

function residentSize(pid: number): number {
  const [, kilobytes = "0"] = /^VmRSS:\s+(\d+) kB/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
  return Number(kilobytes) << 10;
}

async function logSizes(box: Sandbox, id: string): Promise<number[]> {
  const folder = `${box.folder}/root/containers/${id}`;
  const files = names(folder).filter((name) => name.includes("-json.log"));
  return await Promise.all(
    files.map(async (name) => (await Deno.stat(`${folder}/${name}`).catch(() => undefined))?.size ?? 0),
  );
}
