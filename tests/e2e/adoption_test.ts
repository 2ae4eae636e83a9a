/** The engine dies, the containers do not: whatever went on meanwhile is there when the next one comes. */
import assert from "node:assert/strict";
import {
  assertNoBugs,
  assertNumbered,
  bytes,
  clientOf,
  endsOnTerm,
  killFromOutside,
  pidOf,
  readUntil,
  runDetached,
  traces,
} from "../support/crash.ts";
import { requires } from "../support/requires.ts";
import { isAlive, Sandbox, until } from "../support/sandbox.ts";

const needs = requires({ root: true, cgroup: "any", command: "busybox" });
const LARGE_LOG = { LogConfig: { Type: "json-file", Config: { "max-size": "200m" } } };

async function logLines(box: Sandbox, name: string): Promise<string[]> {
  return (await box.ok("logs", name)).split("\n").map((line) => line.trimEnd());
}

Deno.test({
  name: "an engine that is killed three times under load loses no line, of pipes and of terminals",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
    const last = 119_999;
    {
      await using engine = clientOf(box);
      await runDetached(engine, "flood", `seq 0 ${last}; exec sleep 1000`, LARGE_LOG);
      const chunks = `i=0; while [ $i -lt 120000 ]; do seq $i $((i+999)); i=$((i+1000)); done; exec sleep 1000`;
      await runDetached(engine, "chunks", chunks, LARGE_LOG);
    }
    await box.ok(
      "run",
      "-dt",
      "--name",
      "terminal",
      "--network",
      "none",
      "busybox",
      "sh",
      "-c",
      "seq 0 19999; exec sleep 1000",
    );
    const pids = await Promise.all(["flood", "chunks", "terminal"].map((name) => pidOf(box, name)));
    for (let kill = 0; kill < 3; kill++) {
      await box.killEngine();
      await new Promise((resolve) => setTimeout(resolve, 100));
      await box.ok("ps", "-q");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    for (const [name, end] of [["flood", last], ["chunks", last], ["terminal", 19_999]] as const) {
      await until(
        `${name} has said everything`,
        async () => (await box.ok("logs", "--tail", "1", name)).trim() === String(end),
      );
      assertNumbered(await logLines(box, name), end, 3);
    }
    assert.deepEqual(await Promise.all(["flood", "chunks", "terminal"].map((name) => pidOf(box, name))), pids);
  },
});

Deno.test({
  name: "what ended while no engine ran has its own exit code and its last output; --rm is removed, restarts go on",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
    const names = Array.from({ length: 10 }, (_, code) => `code-${code}`);
    const ids = new Map<string, string>();
    {
      await using engine = clientOf(box);
      for (const [code, name] of names.entries()) ids.set(name, await runDetached(engine, name, endsOnTerm(code)));
      ids.set("signal", await runDetached(engine, "signal", "echo ready; exec sleep 1000"));
      ids.set("removed", await runDetached(engine, "removed", endsOnTerm(0), { AutoRemove: true }));
      const always = { RestartPolicy: { Name: "always", MaximumRetryCount: 0 } };
      ids.set("again", await runDetached(engine, "again", endsOnTerm(1), always));
      ids.set("goes-on", await runDetached(engine, "goes-on", "exec sleep 1000"));
    }
    for (const name of [...names, "signal", "removed", "again"]) {
      await until(`${name} is ready`, async () => (await box.ok("logs", name)).startsWith("ready"));
    }
    const pids = new Map<string, number>();
    for (const name of ids.keys()) pids.set(name, await pidOf(box, name));
    await box.killEngine();
    for (const [name, pid] of pids) {
      if (name !== "goes-on") await killFromOutside(pid, name === "signal" ? "SIGKILL" : "SIGTERM");
    }

    for (const [code, name] of names.entries()) {
      assert.equal(await box.inspect(name, "{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}"), `exited ${code}`);
      assert.equal(await box.ok("logs", name), `ready\nlast words ${code}`);
      assert.deepEqual(traces(box, ids.get(name) ?? ""), []);
    }
    assert.equal(await box.inspect("signal", "{{.State.ExitCode}} {{.State.OOMKilled}} {{.State.Error}}"), "137 false");
    assert.equal((await box.sauropod(["inspect", "removed"])).code, 1);
    assert.deepEqual(traces(box, ids.get("removed") ?? ""), []);
    await until(
      "it runs again",
      async () => await box.inspect("again", "{{.State.Running}} {{.RestartCount}}") === "true 1",
    );
    assert.notEqual(await pidOf(box, "again"), pids.get("again"));
    assert.equal(await pidOf(box, "goes-on"), pids.get("goes-on"));
  },
});

Deno.test({
  name: "an adopted container is as good as before: attach, exec, pause, stats, signals, stop",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
    await box.ok("run", "-dit", "--name", "terminal", "--network", "none", "busybox", "cat");
    await box.ok("run", "-di", "--name", "pipes", "--network", "none", "busybox", "cat");
    await box.ok("run", "-d", "--name", "paused", "--network", "none", "busybox", "sleep", "1000");
    await box.ok("pause", "paused");
    const pids = [await pidOf(box, "terminal"), await pidOf(box, "pipes"), await pidOf(box, "paused")];
    await box.killEngine();
    assert.equal(await box.ok("ps", "-q"), await box.ok("ps", "-q", "-f", "status=running", "-f", "status=paused"));
    assert.deepEqual([await pidOf(box, "terminal"), await pidOf(box, "pipes"), await pidOf(box, "paused")], pids);

    await using engine = clientOf(box);
    for (const name of ["terminal", "pipes"]) {
      await using streams = await engine.containers.attach(name, { stdin: true, stdout: true, stream: true });
      await streams.write(bytes("is anybody there\n"));
      assert.match(
        await readUntil(streams, (text) => text.includes("there\n") || text.includes("there\r\n")),
        /^is anybody/,
      );
    }
    assert.match(await box.ok("logs", "pipes"), /is anybody there/);
    assert.equal(await box.ok("exec", "pipes", "sh", "-c", "echo in $(cat /proc/1/comm)"), "in cat");
    assert.equal(await box.ok("exec", "-t", "terminal", "tty"), "/dev/pts/1");
    assert.equal(await box.inspect("paused", "{{.State.Status}}"), "paused");
    await box.ok("unpause", "paused");
    assert.match(await box.ok("stats", "--no-stream", "--format", "{{.PIDs}}", "paused"), /^1$/);
    await box.ok("stop", "-t", "0", "terminal", "paused");
    assert.equal(await box.inspect("paused", "{{.State.ExitCode}}"), "137");
    await box.ok("kill", "-s", "KILL", "pipes");
    assert.equal(await box.inspect("pipes", "{{.State.ExitCode}}"), "137");
    await box.ok("start", "pipes");
    assert.equal(await box.inspect("pipes", "{{.State.Status}}"), "running");
  },
});

Deno.test({
  name: "commands of exec go on without their engine, do not stop on a full pipe, and leave nothing",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
    await box.ok("run", "-d", "--name", "host-of-execs", "--network", "none", "busybox", "sleep", "1000");
    const flood = "seq 1 300000; touch /flooded; exec sleep 1000";
    await box.ok("exec", "-d", "host-of-execs", "sh", "-c", flood);
    await box.ok("exec", "-d", "host-of-execs", "sh", "-c", "exec sleep 0.1");
    await using engine = clientOf(box);
    const Cmd = ["sh", "-c", "echo ready; cat; touch /saw-the-end; sleep 1000"];
    const { Id } = await engine.execs.create("host-of-execs", { Cmd, AttachStdin: true, AttachStdout: true });
    const streams = await engine.execs.start(Id);
    assert.ok(streams !== undefined);
    assert.equal(await readUntil(streams, (text) => text.includes("\n")), "ready\n");
    await box.killEngine();
    const missing = (path: string) => box.sauropod(["exec", "host-of-execs", "test", "-e", path]);
    for (const path of ["/flooded", "/saw-the-end"]) {
      await until(`${path} is there`, async () => (await missing(path)).code === 0);
    }
    const id = await box.inspect("host-of-execs", "{{.Id}}");
    await box.ok("stop", "-t", "0", "host-of-execs");
    await until("no record of an exec is left", () => [...Deno.readDirSync(`${box.folder}/run/execs`)].length === 0);
    assert.deepEqual(traces(box, id), []);
  },
});

Deno.test({
  name: "an engine that is stopped for some seconds, or ended by SIGTERM or SIGHUP, takes no container along",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    using _bugs = { [Symbol.dispose]: () => assertNoBugs(box) };
    await box.ok(
      "run",
      "-d",
      "--name",
      "counter",
      "--network",
      "none",
      "busybox",
      "sh",
      "-c",
      "seq 0 9999; exec sleep 1000",
    );
    const pid = await pidOf(box, "counter");
    const first = await box.enginePid();
    const stop = box.sauropod(["stop", "-t", "3", "counter"]);
    Deno.kill(first, "SIGSTOP");
    await new Promise((resolve) => setTimeout(resolve, 1500));
    assert.ok(isAlive(pid));
    Deno.kill(first, "SIGCONT");
    assert.equal((await stop).code, 0);
    assert.equal(await box.enginePid(), first);
    await box.ok("start", "counter");
    const second = await pidOf(box, "counter");
    for (const signal of ["SIGTERM", "SIGHUP"] as const) {
      await killFromOutside(await box.enginePid(), signal);
      assert.equal(await pidOf(box, "counter"), second);
    }
    assertNumbered((await logLines(box, "counter")).slice(-10_000), 9999, 0);
  },
});
