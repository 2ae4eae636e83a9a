/** What the engine itself may run out of, and what others may do to its files and groups. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { ContainerEngine } from "../../base/container_engine.ts";
import { run } from "../support/command.ts";
import {
  assertNoBugs,
  cgroupsOf,
  clientOf,
  endsOnTerm,
  engineLog,
  keeperOf,
  killFromOutside,
  leftovers,
  names,
  pidOf,
  readUntil,
  request,
  runDetached,
  traces,
} from "../support/crash.ts";
import { requires } from "../support/requires.ts";
import { isAlive, Sandbox, until } from "../support/sandbox.ts";

const needs = requires({ root: true, cgroup: "any", command: ["busybox", "ip", "prlimit"] });

const descriptors = (pid: number) => names(`/proc/${pid}/fd`).length;

function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1] ?? 0) >> 10;
}

/** `run --rm` and `run --rm -t`, an exec, and a reader of the log, by the API. */
async function oneRound({ containers, execs }: ContainerEngine, i: number): Promise<void> {
  const { Id } = await containers.create({
    ...request("echo out; exec sleep 1000", { AutoRemove: true }),
    Tty: i % 2 === 1,
  });
  await using streams = await containers.attach(Id, { stdout: true, stream: true });
  await containers.start(Id);
  await readUntil(streams, (text) => text.includes("out"));
  const exec = await execs.create(Id, { Cmd: ["true"], AttachStdout: true });
  const output = await execs.start(exec.Id);
  if (output !== undefined) await readUntil(output, () => false);
  const removed = containers.wait(Id, { condition: "removed" });
  await containers.kill(Id);
  await removed;
}

Deno.test({
  name: "after 100 times run --rm with exec and attach the engine has as many descriptors as before",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    const pid = await box.enginePid();
    // With its own connections, so that they are gone when the descriptors are counted.
    const rounds = async (count: number) => {
      await using engine = clientOf(box);
      for (let i = 0; i < count; i += 4) await Promise.all([0, 1, 2, 3].map((j) => oneRound(engine, i + j)));
      assert.deepEqual(await engine.containers.list({ all: true }), []);
    };
    const settled = async () => {
      let count = descriptors(pid);
      await until("the last connections are closed", async () => {
        const last = count;
        await new Promise((resolve) => setTimeout(resolve, 300));
        return (count = descriptors(pid)) === last;
      });
      return count;
    };
    await rounds(8);
    const [before, sizeBefore] = [await settled(), residentMegabytes(pid)];
    await rounds(100);
    await until("the descriptors are as before", () => descriptors(pid) <= before).catch(() => {});
    assert.ok(descriptors(pid) <= before, `${before} descriptors before, ${descriptors(pid)} after: ${openFiles(pid)}`);
    console.log(`resident size of the engine: ${sizeBefore} MiB before, ${residentMegabytes(pid)} MiB after 100 runs`);
    assert.deepEqual(leftovers(box, []).filter((path) => !path.startsWith("staged")), []);
    assertNoBugs(box);
  },
});

function openFiles(pid: number): string {
  return names(`/proc/${pid}/fd`).map((fd) => Deno.readLinkSync(`/proc/${pid}/fd/${fd}`)).sort().join(" ");
}

Deno.test({
  name: "an engine without free descriptors refuses, and goes on: what runs runs, and with descriptors all works",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    await using engine = clientOf(box);
    const pid = await box.enginePid();
    const id = await runDetached(engine, "runs", endsOnTerm(6));
    const limit = (soft: number) => run(["prlimit", "--pid", String(pid), `--nofile=${soft}:`]);
    const created = await Promise.all(
      Array.from({ length: 12 }, () => engine.containers.create(request("exec sleep 1000"))),
    );
    await limit(descriptors(pid) + 12);
    const started = await Promise.allSettled(created.map(({ Id }) => engine.containers.start(Id)));
    const refused = started.filter((result) => result.status === "rejected");
    assert.ok(refused.length > 0, "all came up: the limit was too high");
    assert.ok(
      refused.every(({ reason }) => /EMFILE|too many open files|os error 24|hung up/i.test(reason.message)),
      String(refused[0]?.reason),
    );
    const ticks = cpuTicks(pid);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.ok(cpuTicks(pid) - ticks < 25, "the engine spins");
    assert.ok(isAlive(await pidOfContainer(id, box)));
    await limit(4096);

    assert.equal(await box.enginePid(), pid);
    await Promise.all(created.map(({ Id }) =>
      engine.containers.start(Id).catch((error) => {
        assert.match(String(error.class), /not_modified/);
      })
    ));
    assert.equal((await engine.containers.list()).length, 13);
    assert.equal(await box.ok("exec", "runs", "echo", "fine"), "fine");
    await box.ok("stop", "runs");
    assert.equal(await box.inspect("runs", "{{.State.ExitCode}}"), "6");
    for (const { Id } of created) await engine.containers.remove(Id, { force: true });
    await until("nothing is left", () => created.every(({ Id }) => traces(box, Id).length === 0));
  },
});

/** By the keeper's record, for the API may not answer. */
// deno-lint-ignore require-await
async function pidOfContainer(id: string, box: Sandbox): Promise<number> {
  return Number(new DataView(Deno.readFileSync(`${box.folder}/run/containers/${id}`).buffer).getBigUint64(0, true));
}

/** User and system time in ticks of 10 ms. */
function cpuTicks(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

Deno.test({
  name: "control groups that somebody has emptied and removed: stats, exec, stop and rm still do what they can",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    await using engine = clientOf(box);
    const loseGroups = async (name: string, id: string) => {
      const pid = await pidOf(box, name);
      for (const group of cgroupsOf(id)) {
        const top = group.slice(0, group.indexOf("/sauropod/"));
        Deno.writeTextFileSync(`${top}/cgroup.procs`, String(pid));
        await until("it can be removed", () => removed(group));
      }
      return pid;
    };
    for (const verb of ["stop", "rm", "adopted"] as const) {
      const id = await runDetached(engine, verb, "exec sleep 1000");
      const pid = await loseGroups(verb, id);
      if (verb === "adopted") await box.killEngine();
      assert.equal((await box.sauropod(["stats", "--no-stream", verb])).code, 0);
      await box.sauropod(["exec", verb, "true"]);
      await box.sauropod(["pause", verb]);
      if (verb !== "rm") await box.ok("stop", "-t", "0", verb);
      await box.ok("rm", "-f", verb);
      assert.ok(!isAlive(pid));
      assert.deepEqual(traces(box, id), []);
    }
  },
});

function removed(folder: string): boolean {
  try {
    Deno.removeSync(folder);
    return true;
  } catch {
    return false;
  }
}

Deno.test({
  name: "a fork bomb meets --pids-limit, the engine answers, and rm -f ends it",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    // The first process starts it and no more: one that cannot fork ends.
    const bomb = "b() { b | b & }; (while :; do b; sleep 0.01; done) 2>/dev/null & exec sleep 1000";
    await box.ok("run", "-d", "--name", "bomb", "--network", "none", "--pids-limit", "30", "busybox", "sh", "-c", bomb);
    const id = await box.inspect("bomb", "{{.Id}}");
    const [group = ""] = cgroupsOf(id).filter((path) => names(path).includes("pids.current"));
    await until("it has met the limit", () => /max [1-9]/.test(Deno.readTextFileSync(`${group}/pids.events`)));
    assert.ok(Number(Deno.readTextFileSync(`${group}/pids.current`)) <= 30);
    await box.ok("ps");
    await box.ok("rm", "-f", "bomb");
    await until("nothing is left", () => traces(box, id).length === 0);
    assertNoBugs(box);
  },
});

Deno.test({
  name: "two engines work side by side in folders of their own; a second one in the same folder is refused",
  ...needs,
  async fn() {
    await using one = await Sandbox.open();
    await using two = await Sandbox.open();
    await one.ok("run", "-d", "--name", "same-name", "--network", "none", "busybox", "sleep", "1000");
    await two.ok("run", "-d", "--name", "same-name", "--network", "none", "busybox", "sleep", "1000");
    assert.notEqual(await pidOf(one, "same-name"), await pidOf(two, "same-name"));
    await two.ok("rm", "-f", "same-name");
    await two.ok("engine", "stop");
    assert.equal((await one.ok("ps", "-q")).length, 12);
    assert.equal(await one.ok("exec", "same-name", "echo", "fine"), "fine");

    const root = ["--root", `${one.folder}/root`, "--run-dir", `${two.folder}/run`, "--host", `unix://${two.socket}`];
    const sameRoot = await one.sauropod([...root, "engine"], { timeout: 10_000 });
    assert.notEqual(sameRoot.code, 0);
    assert.match(sameRoot.stderr, /another engine works in .*\/root/);
    const sameRun = await one.sauropod(["--root", `${two.folder}/root`, "engine"], { timeout: 10_000 });
    assert.notEqual(sameRun.code, 0);
    assert.match(sameRun.stderr, /another engine \(process \d+\) runs with .*\/run/);
    assert.equal(await one.ok("exec", "same-name", "echo", "still"), "still");
  },
});

Deno.test({
  name: "many commands that find no engine start one",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    await box.killEngine();
    const pids = await Promise.all(Array.from({ length: 8 }, () => box.enginePid()));
    assert.equal(new Set(pids).size, 1);
    const running = names("/proc").filter((pid) =>
      /^\d+$/.test(pid) && names(`/proc/${pid}/fd`).some((fd) => {
        try {
          return Deno.readLinkSync(`/proc/${pid}/fd/${fd}`) === `${box.folder}/root/lock`;
        } catch {
          return false;
        }
      })
    );
    assert.deepEqual(running, pids.slice(0, 1).map(String));
  },
});

Deno.test({
  name: "a row, a record or a log that is damaged costs that one object, with a message; the others go on",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    await using engine = clientOf(box);
    const ids = new Map<string, string>();
    for (const name of ["fine", "no-json", "other-json", "no-record", "short-record", "bad-status"]) {
      ids.set(name, await runDetached(engine, name, endsOnTerm(3)));
    }
    for (const name of ids.keys()) await until("it is ready", async () => (await box.ok("logs", name)) === "ready");
    const pids = new Map<string, number>();
    for (const name of ids.keys()) pids.set(name, await pidOf(box, name));
    const torn = await box.ok("network", "create", "torn");
    const damagedKeepers = ["no-json", "other-json"].map((name) => keeperOf(box, ids.get(name) ?? ""));
    await box.killEngine();
    const record = (name: string) => `${box.folder}/run/containers/${ids.get(name)}`;
    for (const name of ["no-record", "short-record", "bad-status"]) {
      await killFromOutside(pids.get(name) ?? 0, "SIGTERM");
    }
    await until("the end is on record", () => Deno.statSync(record("bad-status")).size === 32);
    Deno.writeTextFileSync(record("no-record"), "");
    Deno.truncateSync(record("short-record"), 20);
    Deno.writeFileSync(record("bad-status"), new Uint8Array(32).fill(255));
    const log = `${box.folder}/root/containers/${ids.get("fine")}/${ids.get("fine")}-json.log`;
    Deno.writeTextFileSync(log, '{"log":"torn', { append: true });
    {
      using database = new DatabaseSync(`${box.folder}/root/db.sqlite`);
      const change = database.prepare("UPDATE containers SET record = ? WHERE id = ?");
      change.run('{"id":"x', ids.get("no-json") ?? "");
      change.run('{"id":"x"}', ids.get("other-json") ?? "");
      database.exec("UPDATE networks SET record = '{' WHERE name IN ('torn', 'host')");
    }

    assert.equal(await box.inspect("fine", "{{.State.Running}}"), "true");
    assert.equal(await box.ok("logs", "fine"), "ready");
    await box.ok("stop", "fine");
    assert.equal(await box.ok("logs", "fine"), "ready\nlast words 3");
    for (const name of ["no-record", "short-record", "bad-status"]) {
      assert.match(await box.inspect(name, "{{.State.ExitCode}} {{.State.Error}}"), /^137 .*could not be retrieved/);
    }
    for (const name of ["no-json", "other-json"]) {
      assert.match(engineLog(box), new RegExp(`the record of container ${name} .* cannot be read`));
      assert.match((await box.sauropod(["create", "--name", name, "busybox"])).stderr, /Conflict.*already in use/);
      assert.ok(names(`${box.folder}/root/containers`).includes(ids.get(name) ?? ""));
    }
    for (const name of ["torn", "host"]) {
      assert.match(engineLog(box), new RegExp(`the record of network ${name} cannot be read`));
    }
    const networks = async () => (await box.ok("network", "ls", "--format", "{{.Name}}")).split("\n").sort();
    assert.deepEqual(await networks(), ["bridge", "host", "none"]); // the predefined are made anew
    await box.ok("network", "create", "torn");
    assert.deepEqual(await networks(), ["bridge", "host", "none", "torn"]);
    await box.ok("network", "rm", "torn");
    await run(["ip", "link", "delete", `br-${torn.slice(0, 12)}`]); // of the row that nobody could read
    assertNoBugs(box);
    for (const keeper of damagedKeepers) await killFromOutside(keeper, "SIGKILL");
    for (const name of ["no-json", "other-json"]) {
      for (const group of cgroupsOf(ids.get(name) ?? "")) await until("the group is empty", () => removed(group));
    }
  },
});

Deno.test({
  name: "a database that is none is refused with its name, and not touched",
  ...needs,
  async fn() {
    await using box = await Sandbox.open();
    await box.ok("engine", "stop");
    const path = `${box.folder}/root/db.sqlite`;
    const good = await Deno.readFile(path);
    await Deno.writeTextFile(path, "this is no database, whatever its name says ".repeat(100));
    const { code, stderr } = await box.sauropod(["ps"]);
    assert.notEqual(code, 0);
    assert.match(stderr, /cannot open the database .*db\.sqlite: file is not a database/);
    assert.match(await Deno.readTextFile(path), /^this is no database/);
    await Deno.writeFile(path, good);
    assert.match(await box.ok("images"), /busybox/);
  },
});
