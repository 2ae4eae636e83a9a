/** The engine's process around a pretended engine: one per folder, ready when its socket accepts, gone in order. */
import assert from "node:assert/strict";
import { type EngineProcessOptions, runEngine } from "../../api/engine_process.ts";
import { MemoryEngine } from "../../api/memory_engine_test_support.ts";
import { eventually, request } from "../../api/serve_test_support.ts";
import type { Settings } from "../../base/settings.ts";
import { requires } from "../support/requires.ts";

const machine = { uid: 0, kernel: "6.1.0", mounts: "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n" };

interface Running {
  readonly settings: Settings;
  readonly engine: MemoryEngine;
  readonly log: string[];
  readonly stop: AbortController;
  run(options?: EngineProcessOptions): Promise<number>;
  listening(): boolean;
}

function test(name: string, fn: (running: Running) => Promise<void>): void {
  Deno.test({
    name,
    ...requires({ root: true }, name),
    async fn() {
      const folder = await Deno.makeTempDir({ prefix: "sauropod-api-" });
      const settings = { root: `${folder}/root`, runDir: `${folder}/run`, socket: `${folder}/run/s.sock` };
      const engine = new MemoryEngine(), log: string[] = [], stop = new AbortController();
      const run = (options: EngineProcessOptions = {}) =>
        runEngine(settings, {
          open: () => Promise.resolve(engine),
          log: (line) => log.push(line),
          signal: stop.signal,
          machine,
          ...options,
        });
      const listening = () => log.some((line) => line.startsWith("listening on "));
      try {
        await fn({ settings, engine, log, stop, run, listening });
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

const ping = async ({ socket }: Settings) => (await request(socket, "GET", "/_ping")).status;

test("the engine serves until it is told to stop, and closes what it opened", async ({ run, ...it }) => {
  const code = run();
  await eventually(it.listening);
  assert.equal(await ping(it.settings), 200);
  assert.equal(((await Deno.stat(it.settings.runDir)).mode ?? 0) & 0o007, 0);
  it.stop.abort();
  assert.equal(await code, 0);
  assert.deepEqual(it.engine.calls, ["dispose"]);
  await assert.rejects(Deno.lstat(it.settings.socket), Deno.errors.NotFound);
});

test("POST /engine/stop is answered and ends the engine", async ({ run, ...it }) => {
  const code = run();
  await eventually(it.listening);
  assert.equal((await request(it.settings.socket, "POST", "/engine/stop")).status, 204);
  assert.equal(await code, 0);
});

test("SIGTERM ends the engine in order", async ({ run, ...it }) => {
  const code = run();
  await eventually(it.listening);
  Deno.kill(Deno.pid, "SIGTERM");
  assert.equal(await code, 0);
  assert.match(it.log.at(-1) ?? "", /ending: SIGTERM/);
});

test("a second engine for the same folder says who runs and leaves with 1", async ({ run, ...it }) => {
  const first = run();
  await eventually(it.listening);
  assert.equal(await run(), 1);
  const { runDir, socket } = it.settings;
  assert.equal(
    it.log.at(-1),
    `sauropod engine: another engine (process ${Deno.pid}) runs with ${runDir}, and listens on unix://${socket}`,
  );
  assert.equal(await ping(it.settings), 200);
  it.stop.abort();
  assert.equal(await first, 0);
});

test("a socket that a killed engine left is replaced, one that is in use or no socket is not", async ({ run, ...it }) => {
  const { socket, runDir } = it.settings;
  await Deno.mkdir(runDir, { mode: 0o700 });
  await Deno.writeTextFile(socket, "precious");
  assert.equal(await run(), 1);
  assert.match(it.log.at(-1) ?? "", /s\.sock is in the way: it is no socket/);
  await Deno.remove(socket);
  const other = Deno.listen({ transport: "unix", path: `${runDir}/other.sock` });
  await Deno.link(`${runDir}/other.sock`, socket);
  assert.equal(await run(), 1);
  assert.match(it.log.at(-1) ?? "", /somebody listens on .* already/);
  other.close(); // leaves the second name behind, as a killed process leaves the only one
  assert.ok((await Deno.lstat(socket)).isSocket);
  const code = run();
  await eventually(it.listening);
  assert.equal(await ping(it.settings), 200);
  it.stop.abort();
  assert.equal(await code, 0);
});

test("an engine that cannot open says why in one line and listens nowhere", async ({ run, ...it }) => {
  assert.equal(await run({ machine: { ...machine, kernel: "4.19.0" } }), 1);
  assert.equal(await run({ machine: { ...machine, uid: 1000 } }), 1);
  await Deno.mkdir(it.settings.runDir);
  await Deno.chmod(it.settings.runDir, 0o777);
  assert.equal(await run(), 1);
  assert.deepEqual(it.log.map((line) => line.split("\n").length), [1, 1, 1]);
  assert.match(it.log.at(-1) ?? "", /must be root's/);
});

test("an idle engine leaves by itself, a busy one and one that answers do not", async ({ run, ...it }) => {
  it.engine.isBusy = true;
  const code = run({ idle: 50 });
  let ended = false;
  code.then(() => ended = true);
  await eventually(it.listening);
  await new Promise((done) => setTimeout(done, 200));
  assert.equal(ended, false);
  const events = request(it.settings.socket, "GET", "/events");
  await eventually(() => it.engine.followers.size === 1);
  it.engine.isBusy = false;
  await new Promise((done) => setTimeout(done, 200));
  assert.equal(ended, false);
  for (const follower of it.engine.followers) follower.end();
  await events;
  assert.equal(await code, 0);
});
