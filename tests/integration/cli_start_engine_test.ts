/** The first command starts the engine: a stand-in, so that starting is what is tested. */
import assert from "node:assert/strict";
import { output } from "../support/command.ts";

const main = new URL("../../main.ts", import.meta.url).pathname;
const cli = [Deno.execPath(), "run", "-A", "--quiet", "--no-check", main];

/** A folder with a program `engine` in it, and the environment in which our CLI starts that. */
class StandIn implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "sauropod-start-" });
  readonly env = {
    SAUROPOD_SELF: `${this.folder}/engine`,
    SAUROPOD_RUN: `${this.folder}/run`,
    SAUROPOD_ROOT: `${this.folder}/root`,
    SAUROPOD_HOST: "",
  };

  constructor(script: string) {
    Deno.writeTextFileSync(this.env.SAUROPOD_SELF, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  run(...args: string[]) {
    return output([...cli, ...args], { env: this.env });
  }

  pids(): number[] {
    return Deno.readTextFileSync(`${this.folder}/pids`).trim().split("\n").map(Number);
  }

  async [Symbol.asyncDispose]() {
    try {
      for (const pid of this.pids()) Deno.kill(pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    await Deno.remove(this.folder, { recursive: true });
  }
}

const server = `
  const socket = Deno.args[Deno.args.indexOf("--host") + 1].slice("unix://".length);
  Deno.writeTextFileSync(Deno.args[0] + "/pids", Deno.pid + "\\n", { append: true });
  Deno.writeTextFileSync(Deno.args[0] + "/args", Deno.args.slice(1).join(" "));
  await new Promise((resolve) => setTimeout(resolve, 200));
  Deno.serve({ path: socket, onListen() {} }, () => new Response(null, { status: 204 }));
`;

async function listening(): Promise<StandIn> {
  const engine = new StandIn(
    `exec "${Deno.execPath()}" run -A --quiet --no-check "\${0%/*}/server.ts" "\${0%/*}" "$@"`,
  );
  await Deno.writeTextFile(`${engine.folder}/server.ts`, server);
  return engine;
}

Deno.test("the engine has no descriptor of the caller's: a lock that a script holds ends with the script", async () => {
  await using engine = await listening();
  const script = 'exec 9>"$0" && flock 9 && "$@" pause x';
  const lock = `${engine.folder}/lock`;
  assert.equal((await output(["sh", "-c", script, lock, ...cli], { env: engine.env })).code, 0);
  assert.equal((await output(["flock", "--nonblock", lock, "true"])).code, 0);
});

Deno.test("the first command starts an engine with its settings, in a session of its own", async () => {
  await using engine = await listening();
  assert.deepEqual(await engine.run("pause", "x"), { code: 0, stdout: "x\n", stderr: "" });
  assert.deepEqual(await engine.run("unpause", "x"), { code: 0, stdout: "x\n", stderr: "" });
  const [pid = 0, ...more] = engine.pids();
  assert.deepEqual(more, []);
  const { SAUROPOD_ROOT: root, SAUROPOD_RUN: run } = engine.env;
  assert.equal(
    await Deno.readTextFile(`${engine.folder}/args`),
    `--root ${root} --run-dir ${run} --host unix://${run}/sauropod.sock engine --idle 5m`,
  );
  const [, session] = /^\d+ \(.*\) \S+ \d+ \d+ (\d+)/.exec(await Deno.readTextFile(`/proc/${pid}/stat`)) ?? [];
  assert.equal(Number(session), pid);
  assert.equal(await Deno.realPath(`/proc/${pid}/cwd`), "/");
  assert.equal(await Deno.readLink(`/proc/${pid}/fd/1`), `${run}/engine.log`);
  assert.equal(((await Deno.stat(run)).mode ?? 0) & 0o007, 0, "others may look into the run-time folder");
});

Deno.test("commands that come at once start one engine", async () => {
  await using engine = await listening();
  const outputs = await Promise.all([1, 2, 3, 4].map((n) => engine.run("pause", `x${n}`)));
  assert.deepEqual(outputs.map(({ stdout, stderr }) => stdout + stderr), ["x1\n", "x2\n", "x3\n", "x4\n"]);
  assert.equal(engine.pids().length, 1);
});

Deno.test("an engine that cannot start is told in its own sentence", async () => {
  await using engine = new StandIn(`echo "$(date -Is) sauropod engine: it needs a newer kernel" >&2; exit 1`);
  assert.deepEqual(await engine.run("pause", "x"), {
    code: 1,
    stdout: "",
    stderr: "the engine cannot start: it needs a newer kernel\n",
  });
  const { code, stderr } = await engine.run("run", "host");
  assert.equal(code, 125);
  assert.equal(
    stderr,
    "sauropod: the engine cannot start: it needs a newer kernel.\nSee 'sauropod run --help'.\n",
  );
});

Deno.test("an engine that leaves without a word is told with its exit code and log", async () => {
  await using engine = new StandIn("exit 7");
  const { code, stderr } = await engine.run("pause", "x");
  assert.equal(code, 1);
  assert.equal(stderr, `the engine left at once (exit code 7), see ${engine.env.SAUROPOD_RUN}/engine.log\n`);
});

Deno.test("engine status and engine stop start none", async () => {
  await using engine = new StandIn("exit 7");
  const nobody = `not running: nobody listens on ${engine.env.SAUROPOD_RUN}/sauropod.sock\n`;
  assert.deepEqual(await engine.run("engine", "status"), { code: 3, stdout: nobody, stderr: "" });
  assert.deepEqual(await engine.run("engine", "stop"), { code: 0, stdout: nobody, stderr: "" });
});
