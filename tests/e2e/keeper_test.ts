/** The keeper of a container is killed: the container ends with it, and nobody makes up an exit code. */
import assert from "node:assert/strict";
import {
  assertNoBugs,
  clientOf,
  keeperOf,
  killFromOutside,
  pidOf,
  readUntil,
  runDetached,
  traces,
} from "../support/crash.ts";
import { requires } from "../support/requires.ts";
import { isAlive, Sandbox, until } from "../support/sandbox.ts";

const needs = requires({ root: true, cgroup: "any", command: "busybox" });
const LOST = /^exited 137 .*true exit code could not be retrieved$/;
const how = (box: Sandbox, name: string) => box.inspect(name, "{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}");

Deno.test({
  name: "a keeper that is killed under its engine ends the container with 137 and the reason; who waits hears of it",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
    await using engine = clientOf(box);
    const script = "sleep 500 & sleep 600 & echo before; wait";
    const id = await runDetached(engine, "kept", script);
    const shared = await runDetached(engine, "host-pid", script, { PidMode: "host" });
    await until("it has said something", async () => (await box.ok("logs", "kept")) === "before");
    await using streams = await engine.containers.attach(id, { stdout: true, stream: true });
    const end = readUntil(streams, () => false);
    const results = Promise.all([engine.containers.wait(id), engine.containers.wait(shared)]);
    const pids = [await pidOf(box, "kept"), await pidOf(box, "host-pid")];
    for (const container of [id, shared]) Deno.kill(keeperOf(box, container), "SIGKILL");
    assert.deepEqual((await results).map(({ StatusCode }) => StatusCode), [137, 137]);
    assert.equal(await end, "");
    for (const [i, name] of ["kept", "host-pid"].entries()) {
      assert.match(await how(box, name), LOST);
      assert.ok(!isAlive(pids[i] ?? 0));
      await until("nothing is left", () => traces(box, i === 0 ? id : shared).length === 0);
    }
    await box.ok("start", "kept");
    assert.equal(await box.inspect("kept", "{{.State.Status}} {{.State.Error}}"), "running");
  },
});

Deno.test({
  name: "a keeper that is killed while no engine runs: the same, by the next engine; restart policies go on",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
    const ids = new Map<string, string>();
    {
      await using engine = clientOf(box);
      const always = { RestartPolicy: { Name: "always", MaximumRetryCount: 0 } };
      ids.set("plain", await runDetached(engine, "plain", "exec sleep 1000"));
      ids.set("always", await runDetached(engine, "always", "exec sleep 1000", always));
      ids.set("removed", await runDetached(engine, "removed", "exec sleep 1000", { AutoRemove: true }));
      ids.set("zero", await runDetached(engine, "zero", "trap 'exit 0' TERM; while :; do sleep 0.05; done"));
    }
    const pids = new Map<string, number>();
    for (const name of ids.keys()) pids.set(name, await pidOf(box, name));
    const keepers = [...ids.values()].map((id) => keeperOf(box, id));
    await box.killEngine();
    // This one has written its record: the code is known, whatever becomes of the keeper.
    await killFromOutside(pids.get("zero") ?? 0, "SIGTERM");
    for (const keeper of keepers) await killFromOutside(keeper, "SIGKILL");
    for (const pid of pids.values()) await until("it has ended", () => !isAlive(pid));

    assert.match(await how(box, "plain"), LOST);
    assert.equal(await how(box, "zero"), "exited 0");
    await until("it runs again", async () => await box.inspect("always", "{{.State.Running}}") === "true");
    assert.equal((await box.sauropod(["inspect", "removed"])).code, 1);
    for (const name of ["plain", "zero", "removed"]) assert.deepEqual(traces(box, ids.get(name) ?? ""), []);
  },
});

Deno.test({
  name: "a machine that was restarted has no run folder: its containers have ended with 255, and start again",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
    await box.ok("run", "-d", "--name", "before", "--network", "none", "busybox", "sleep", "1000");
    const id = await box.inspect("before", "{{.Id}}");
    const keeper = keeperOf(box, id);
    await box.killEngine();
    await killFromOutside(keeper, "SIGKILL");
    await Deno.remove(`${box.folder}/run`, { recursive: true });
    assert.match(await how(box, "before"), /^exited 255 the machine was restarted$/);
    await box.ok("start", "before");
    assert.equal(await box.inspect("before", "{{.State.Running}}"), "true");
  },
});

Deno.test({
  name: "the keeper is ready for SIGCHLD before it clones: a process that has ended by then is not waited for in vain",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    await box.ok("run", "-d", "--name", "busy", "--network", "none", "busybox", "sleep", "1000");
    const commands = [["exec", "--explain=json", "busy", "true"], ["create", "--explain=json", "busybox", "true"]];
    const listings = await Promise.all(commands.map(async (command) => (await box.sauropod(command)).stderr.trim()));
    for (const listing of listings) {
      const calls = JSON.parse(listing).entries.map(({ call }: { call: string }) => call);
      assert.ok(
        calls.indexOf("rt_sigaction") >= 0 && calls.indexOf("rt_sigaction") < calls.indexOf("clone"),
        calls.join(),
      );
    }
    await using engine = clientOf(box);
    const execute = async () => {
      const { Id } = await engine.execs.create("busy", { Cmd: ["true"], AttachStdout: true });
      const streams = await engine.execs.start(Id);
      assert.ok(streams !== undefined);
      await readUntil(streams, () => false);
      return (await engine.execs.inspect(Id)).ExitCode;
    };
    for (let i = 0; i < 20; i++) {
      assert.deepEqual(await Promise.all(Array.from({ length: 8 }, execute)), Array(8).fill(0));
    }
  },
});
