/** What `run` gives its caller: streams, exit codes, ids; and how it is refused. */
import assert from "node:assert/strict";
import { output } from "../support/command.ts";
import { program, until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox();
const test = sandbox.test.bind(sandbox);

/** With a network that can be had, so that nothing is warned of. */
const run = ["run", "--rm", "--network", "none"];

test("run ends with the command's exit code, with 128+n for a signal", async (box) => {
  for (const [script, code] of [["exit 0", 0], ["exit 1", 1], ["exit 255", 255], ["kill -9 $$", 137]] as const) {
    // By a parent, for the kernel keeps signals that PID 1 sends itself away from it.
    const { code: got } = await box.sauropod(["run", "--rm", "busybox", "sh", "-c", `sh -c '${script}'; exit $?`]);
    assert.equal(got, code, script);
  }
  await box.ok("run", "-d", "--name", "ended-by-signal", "busybox", "sh", "-c", "trap - TERM; sleep 1000");
  await box.ok("kill", "-s", "KILL", "ended-by-signal");
  assert.equal(await box.inspect("ended-by-signal", "{{.State.ExitCode}}"), "137");
});

test("a command that is not there is 127, one that cannot be executed 126", async (box) => {
  const absent = await box.sauropod(["run", "--name", "no-command", "busybox", "no-such-command"]);
  assert.equal(absent.code, 127);
  assert.match(absent.stderr, /exec: "no-such-command": executable file not found in \$PATH/);
  assert.equal(await box.inspect("no-command", "{{.State.Status}} {{.State.ExitCode}}"), "created 127");
  const path = await box.sauropod(["run", "--rm", "busybox", "/no/such/file"]);
  assert.equal(path.code, 127);
  assert.match(path.stderr, /exec: "\/no\/such\/file": .*no such file or directory/);
  const folder = await box.sauropod(["run", "--rm", "busybox", "/etc"]);
  assert.equal(folder.code, 126);
  const file = await box.sauropod(["run", "--rm", "busybox", "/etc/passwd"]);
  assert.equal(file.code, 126);
  assert.match(file.stderr, /exec: "\/etc\/passwd": permission denied/);
});

test("an image that is not there is 125", async (box) => {
  const { code, stderr, stdout } = await box.sauropod(["run", "localhost:1/absent", "true"]); // nobody serves port 1
  assert.deepEqual([code, stdout], [125, ""]);
  assert.match(stderr, /^Unable to find image 'localhost:1\/absent:latest' locally\nsauropod: .*localhost:1/);
  const never = await box.sauropod(["run", "--pull", "never", "absent", "true"]);
  assert.equal(never.code, 125);
  assert.match(never.stderr, /No such image: absent:latest/);
});

test("stdout and stderr stay apart", async (box) => {
  const result = await box.sauropod([...run, "busybox", "sh", "-c", "echo out; echo err >&2; exit 3"]);
  assert.deepEqual(result, { code: 3, stdout: "out\n", stderr: "err\n" });
});

test("-a gives only the streams that are named", async (box) => {
  const script = "echo out; echo err >&2";
  const attached = async (name: string) => await box.sauropod([...run, "-a", name, "busybox", "sh", "-c", script]);
  assert.deepEqual(await attached("stderr"), { code: 0, stdout: "", stderr: "err\n" });
  assert.deepEqual(await attached("STDOUT"), { code: 0, stdout: "out\n", stderr: "" });
});

test("run -i passes piped stdin and ends by itself", async (box) => {
  const data = "line\n".repeat(200_000);
  const { code, stdout, stderr } = await box.sauropod([...run, "-i", "busybox", "cat"], { stdin: data });
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.ok(stdout === data, `${stdout.length} of ${data.length} bytes came back`);
});

test("run -i with a process that does not read its stdin ends by itself", async (box) => {
  const result = await box.sauropod([...run, "-i", "busybox", "echo", "done"], { stdin: "x".repeat(1_000_000) });
  assert.deepEqual(result, { code: 0, stdout: "done\n", stderr: "" });
});

test("without -i the process has no stdin", async (box) => {
  const result = await box.sauropod([...run, "busybox", "sh", "-c", "cat; echo end"], { stdin: "data" });
  assert.deepEqual(result, { code: 0, stdout: "end\n", stderr: "" });
});

test("-t without a terminal is refused with -i, and gives the process one without", async (box) => {
  const refused = await box.sauropod(["run", "--rm", "-it", "busybox", "true"], { stdin: "" });
  assert.deepEqual(refused, { code: 1, stdout: "", stderr: "the input device is not a TTY\n" });
  const { code, stdout } = await box.sauropod(["run", "--rm", "-t", "busybox", "sh", "-c", "tty; echo err >&2"]);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "/dev/pts/0\r\nerr\r\n" });
});

test("run -d prints the id, run --rm leaves no container", async (box) => {
  const id = await box.ok("run", "-d", "busybox", "true");
  assert.match(id, /^[0-9a-f]{64}$/);
  assert.equal(await box.inspect(id, "{{.Id}}"), id);
  await box.ok("run", "--rm", "--name", "fleeting", "busybox", "true");
  assert.equal(await box.ok("ps", "-aq", "--filter", "name=fleeting"), "");
  await box.ok("run", "-d", "--rm", "--name", "fleeting", "busybox", "true");
  await until("it is removed", async () => await box.ok("ps", "-aq", "--filter", "name=fleeting") === "");
});

test("options end at the image", async (box) => {
  assert.equal(
    await box.ok("run", "--rm", "busybox", "echo", "--rm", "-d", "--no-such-flag"),
    "--rm -d --no-such-flag",
  );
  assert.equal(await box.ok("run", "--rm", "--", "busybox", "echo", "--", "-x"), "-- -x");
});

test("flags go in clusters, and with = or a space before their value", async (box) => {
  const id = await box.ok("run", "-dit", "--name=clustered", "-eA=1", "-e", "B=2", "--env=C=3", "-l=d=4", "busybox");
  const template = "{{.Config.Tty}} {{.Config.OpenStdin}} {{json .Config.Env}} {{json .Config.Labels}}";
  assert.equal(await box.inspect(id, template), 'true true ["A=1","B=2","C=3"] {"d":"4"}');
  await box.ok("rm", "-f", id);
});

test("--name: a name that is in use or is none is refused", async (box) => {
  const id = await box.ok("create", "--name", "taken", "busybox");
  const taken = await box.sauropod(["run", "--name", "taken", "busybox", "true"]);
  assert.equal(taken.code, 125);
  assert.equal(
    taken.stderr,
    `sauropod: Error response from engine: Conflict. The container name "/taken" is already in use by container "${id}". ` +
      "You have to remove (or rename) that container to be able to reuse that name.\n" +
      "See 'sauropod run --help'.\n",
  );
  const wrong = await box.sauropod(["run", "--name", "a b", "busybox", "true"]);
  assert.equal(wrong.code, 125);
  assert.match(wrong.stderr, /Invalid container name \(a b\), only \[a-zA-Z0-9\]\[a-zA-Z0-9_\.-\] are allowed/);
});

test("--cidfile gets the id, and one that is there is refused", async (box) => {
  const file = `${box.folder}/cid`;
  const id = await box.ok("run", "-d", "--cidfile", file, "busybox", "true");
  assert.equal(await Deno.readTextFile(file), id);
  const { code, stderr } = await box.sauropod(["run", "--cidfile", file, "busybox", "true"]);
  assert.equal(code, 125);
  assert.match(stderr, /container ID file found, make sure the other container isn't running or delete /i);
});

function isInspectorClosed(): Promise<boolean> {
  return Deno.connect({ hostname: "127.0.0.1", port: 9229 }).then((connection) => {
    connection.close();
    return false;
  }, () => true);
}

test("signals that run gets go to the process, and its exit code comes back", async (box) => {
  const script = "trap 'echo term; exit 7' TERM; trap 'echo usr1' USR1; echo ready; while :; do sleep 0.05; done";
  const [command = "", ...args] = [...program, "run", "--rm", "busybox", "sh", "-c", script];
  const child = new Deno.Command(command, { args, env: { ...box.env }, stdout: "piped", stderr: "inherit" }).spawn();
  let shown = "";
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) shown += text;
  })();
  await until("it is ready", () => shown.includes("ready"));
  await new Promise((resolve) => setTimeout(resolve, 1000)); // by then Deno has an inspector for it
  child.kill("SIGUSR1");
  await until("it has got the first", () => shown.includes("usr1"));
  await until("the inspector is closed", isInspectorClosed);
  child.kill("SIGTERM");
  const { code } = await child.status;
  await reading;
  assert.deepEqual([code, shown], [7, "ready\nusr1\nterm\n"]);
});

test("who reads our output may leave: run ends, the container goes on", async (box) => {
  const line = [...program, "run", "--network", "none", "--name", "unread", "busybox", "yes"].map((word) =>
    `'${word}'`
  );
  const { code, stdout } = await output(["bash", "-c", `${line.join(" ")} | head -1; exit \${PIPESTATUS[0]}`], {
    env: box.env,
  });
  assert.deepEqual([code, stdout], [141, "y\n"]); // 128 + SIGPIPE
  assert.equal(await box.inspect("unread", "{{.State.Running}}"), "true");
  await box.ok("rm", "-f", "unread");
});

test("a run that is killed leaves its container running", async (box) => {
  const [command = "", ...args] = [...program, "run", "--name", "left-alone", "busybox", "sleep", "1000"];
  const child = new Deno.Command(command, { args, env: { ...box.env }, stdout: "null", stderr: "null" }).spawn();
  await until("it runs", async () => await box.ok("ps", "-q", "--filter", "name=left-alone") !== "");
  child.kill("SIGKILL");
  await child.status;
  assert.equal(await box.inspect("left-alone", "{{.State.Running}}"), "true");
});

test("output that is as large as many pipes arrives whole and in order", async (box) => {
  const { code, stdout } = await box.sauropod(["run", "--rm", "busybox", "seq", "1", "300000"]);
  assert.equal(code, 0);
  const lines = stdout.split("\n");
  assert.deepEqual([lines.length, lines[299_999]], [300_001, "300000"]);
  assert.ok(lines.slice(0, -1).every((line, index) => line === String(index + 1)));
});
