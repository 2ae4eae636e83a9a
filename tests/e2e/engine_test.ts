/** The engine as a process: started by the first command, stopped by one, one per state folder. */
import assert from "node:assert/strict";
import { isAlive, program, Sandbox, until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox();
const test = sandbox.test.bind(sandbox);

test("engine status and engine stop; the next command starts another, containers went on", async (box) => {
  await box.ok("run", "-d", "--name", "goes-on", "busybox", "sleep", "1000");
  const pid = await box.enginePid();
  assert.match(
    await box.ok("engine", "status"),
    new RegExp(`^running: process ${pid}, .* 1 of 1 containers running, listening on ${box.socket}$`),
  );
  await box.ok("engine", "stop");
  assert.equal(isAlive(pid), false);
  const { code, stdout } = await box.sauropod(["engine", "status"]);
  assert.deepEqual([code, stdout], [3, `not running: nobody listens on ${box.socket}\n`]);
  assert.equal(await box.inspect("goes-on", "{{.State.Running}}"), "true");
  assert.notEqual(await box.enginePid(), pid);
});

test("the socket is for root and the docker group, the folders for root", async (box) => {
  await box.ok("ps");
  const mode = (path: string) => ((Deno.statSync(path).mode ?? 0) & 0o7777).toString(8);
  assert.equal(mode(box.socket), "660");
  assert.equal(mode(`${box.folder}/root`), "710");
  assert.equal(mode(`${box.folder}/root/containers`), "700");
});

test("SIGUSR1 opens no inspector in the engine, as it does in any other Deno", async (box) => {
  const pid = await box.enginePid();
  const isIgnored = () => {
    const [, set = "0"] = /^SigIgn:\s*(\w+)$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
    return (BigInt(`0x${set}`) >> 9n & 1n) === 1n;
  };
  await until("the engine ignores it", isIgnored);
  Deno.kill(pid, "SIGUSR1");
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(await box.enginePid(), pid);
  await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port: 9229 }), Deno.errors.ConnectionRefused);
});

test("engines with other folders run side by side, by variables and by options", async (box) => {
  const name = await box.ok("create", "--name", "only-here", "busybox");
  {
    await using other = await Sandbox.open();
    assert.equal(await other.ok("ps", "-aq"), "");
    assert.notEqual(await other.enginePid(), await box.enginePid());
    const options = ["--root", `${box.folder}/root`, "--run-dir", `${box.folder}/run`];
    assert.equal(await other.ok(...options, "ps", "-aq", "--no-trunc", "-f", "name=only-here"), name);
    assert.equal(await other.ok("-H", `unix://${box.socket}`, "ps", "-aq", "--no-trunc", "-f", "name=only-here"), name);
    const { stdout } = await other.sauropod(["inspect", "-f", "{{.Id}}", "only-here"], {
      env: { SAUROPOD_HOST: `unix://${box.socket}` },
    });
    assert.equal(stdout.trim(), name);
  }
  await box.ok("rm", "only-here");
});

test("a second engine for the same folder leaves with a sentence", async (box) => {
  await box.ok("ps");
  const { code, stderr } = await box.sauropod(["engine"], { timeout: 10_000 });
  assert.notEqual(code, 0);
  assert.match(stderr, /another engine|already/);
  const { stderr: other } = await box.sauropod(["--host", `unix://${box.folder}/other.sock`, "engine"], {
    timeout: 10_000,
  });
  assert.match(other, /another engine/);
});

test("engine in the foreground ends on SIGTERM with 0, and its socket goes", async (box) => {
  await box.ok("engine", "stop");
  const [command = "", ...args] = [...program, "engine"];
  const child = new Deno.Command(command, { args, env: { ...box.env }, stdin: "null", stdout: "null", stderr: "null" })
    .spawn();
  await until("it listens", async () => (await box.sauropod(["engine", "status"])).code === 0);
  assert.equal(await box.enginePid(), child.pid);
  child.kill("SIGTERM");
  assert.equal((await child.status).code, 0);
  assert.throws(() => Deno.statSync(box.socket), Deno.errors.NotFound);
});

test("commands that come at once when no engine runs start one", async (box) => {
  await box.ok("engine", "stop");
  const pids = await Promise.all([1, 2, 3, 4].map(() => box.enginePid()));
  assert.equal(new Set(pids).size, 1);
});

test("many runs at once all succeed, each with its own output", async (box) => {
  const runs = Array.from({ length: 12 }, (_, index) => box.ok("run", "--rm", "busybox", "echo", `number ${index}`));
  assert.deepEqual(await Promise.all(runs), runs.map((_, index) => `number ${index}`));
});
