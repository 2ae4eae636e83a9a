/** Logs: docker's json-file on the disk, and what `logs` makes of it. */
import assert from "node:assert/strict";
import { program, type Sandbox, until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox();
const test = sandbox.test.bind(sandbox);

async function logFile(box: Sandbox, name: string): Promise<string> {
  return await box.inspect(name, "{{.LogPath}}");
}

test("the log on the disk is docker's json-file, one object per line of output", async (box) => {
  await box.ok("run", "--name", "json", "busybox", "sh", "-c", "echo 'a \"b\" <c>'; echo é >&2; printf end");
  const lines = (await Deno.readTextFile(await logFile(box, "json"))).split("\n");
  assert.equal(lines.pop(), "");
  const entries = lines.map((line) => JSON.parse(line));
  assert.deepEqual(entries.map(({ log, stream }) => [log, stream]).sort(), [
    ['a "b" <c>\n', "stdout"],
    ["end", "stdout"],
    ["é\n", "stderr"],
  ]);
  for (const entry of entries) {
    assert.deepEqual(Object.keys(entry), ["log", "stream", "time"]);
    assert.match(entry.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);
  }
  assert.ok(lines.some((line) => line.includes("\\u003cc\\u003e")), "Go writes < and > escaped");
});

test("logs keeps stdout and stderr apart, and order within each", async (box) => {
  await box.ok("run", "--name", "both", "busybox", "sh", "-c", "for i in 1 2 3; do echo o$i; echo e$i >&2; done");
  assert.deepEqual(await box.sauropod(["logs", "both"]), { code: 0, stdout: "o1\no2\no3\n", stderr: "e1\ne2\ne3\n" });
});

test("--tail, --timestamps, --since and --until", async (box) => {
  await box.ok(
    "run",
    "--name",
    "lines",
    "busybox",
    "sh",
    "-c",
    "for i in 1 2 3 4 5; do echo line $i; sleep 0.02; done",
  );
  assert.equal(await box.ok("logs", "--tail", "2", "lines"), "line 4\nline 5");
  assert.equal(await box.ok("logs", "-n", "0", "lines"), "");
  assert.equal(await box.ok("logs", "--tail", "all", "lines"), "line 1\nline 2\nline 3\nline 4\nline 5");
  const stamped = (await box.ok("logs", "-t", "lines")).split("\n").map((line) => line.split(" "));
  assert.deepEqual(stamped.map(([, ...words]) => words.join(" ")), ["line 1", "line 2", "line 3", "line 4", "line 5"]);
  const third = stamped[2]?.[0] ?? "";
  assert.match(third, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
  assert.equal(await box.ok("logs", "--since", third, "lines"), "line 3\nline 4\nline 5");
  assert.equal(await box.ok("logs", "--until", third, "lines"), "line 1\nline 2\nline 3");
  assert.equal(await box.ok("logs", "--since", "1h", "--tail", "1", "lines"), "line 5");
  assert.equal(await box.ok("logs", "--until", "1h", "lines"), "");
});

/** `logs -f` while it runs. */
class Follower {
  shown = "";
  readonly child: Deno.ChildProcess;
  readonly #reading: Promise<void>;

  constructor(box: Sandbox, ...words: string[]) {
    const [command = "", ...args] = [...program, "logs", "-f", ...words];
    this.child = new Deno.Command(command, { args, env: { ...box.env }, stdout: "piped", stderr: "inherit" }).spawn();
    const chunks = this.child.stdout.pipeThrough(new TextDecoderStream());
    this.#reading = (async () => {
      for await (const text of chunks) this.shown += text;
    })();
  }

  /** All that was shown, when it has ended with 0. */
  async end(): Promise<string> {
    assert.equal((await this.child.status).code, 0);
    await this.#reading;
    return this.shown;
  }
}

test("-f follows the output until the container ends", async (box) => {
  const script = "echo first; while [ ! -e /go ]; do sleep 0.02; done; echo second; printf unfinished";
  await box.ok("run", "-d", "--name", "followed", "busybox", "sh", "-c", script);
  const follower = new Follower(box, "followed");
  await until("the first line is shown", () => follower.shown === "first\n");
  await box.ok("exec", "followed", "touch", "/go");
  assert.equal(await follower.end(), "first\nsecond\nunfinished");
});

test("-f --tail 0 shows what is printed from now on, without a gap", async (box) => {
  const script = "i=0; while :; do i=$((i + 1)); echo $i; sleep 0.01; done";
  await box.ok("run", "-d", "--name", "counted", "busybox", "sh", "-c", script);
  await until("some lines are there", async () => (await box.ok("logs", "counted")).includes("\n10\n"));
  const follower = new Follower(box, "--tail", "0", "counted");
  await until("some lines are shown", () => follower.shown.split("\n").length > 10);
  await box.ok("kill", "counted");
  const numbers = (await follower.end()).trimEnd().split("\n").map(Number);
  assert.ok((numbers[0] ?? 0) > 10, `it begins with ${numbers[0]}`);
  assert.deepEqual(numbers, numbers.map((_, index) => (numbers[0] ?? 0) + index));
});

test("-f of a container that has ended gives all and ends", async (box) => {
  await box.ok("run", "--name", "over", "busybox", "echo", "all of it");
  assert.equal(await box.ok("logs", "-f", "over"), "all of it");
});

test("a line of a megabyte comes back in one piece", async (box) => {
  const script = "head -c 1048576 /dev/zero | tr '\\0' x; echo; echo after";
  await box.ok("run", "-d", "--name", "long", "busybox", "sh", "-c", script);
  await box.ok("wait", "long");
  const { stdout } = await box.sauropod(["logs", "long"]);
  assert.ok(stdout === `${"x".repeat(1048576)}\nafter\n`, `${stdout.length} characters came back`);
  assert.equal(await box.ok("logs", "--tail", "1", "long"), "after");
  const longest = Math.max(
    ...(await Deno.readTextFile(await logFile(box, "long"))).split("\n").map((line) => line.length),
  );
  assert.ok(longest < 20_000, `docker cuts lines at 16 KiB, here is one of ${longest}`);
});

test("bytes that are no UTF-8 are kept on attach, and do not break the log", async (box) => {
  const script = "printf 'a\\377b\\000c\\n'";
  const [command = "", ...args] = [
    ...program,
    "run",
    "--network",
    "none",
    "--name",
    "binary",
    "busybox",
    "sh",
    "-c",
    script,
  ];
  const { stdout } = await new Deno.Command(command, { args, env: { ...box.env }, stdin: "null" }).output();
  assert.deepEqual([...stdout], [0x61, 0xff, 0x62, 0, 0x63, 0x0a]);
  const [line = ""] = (await Deno.readTextFile(await logFile(box, "binary"))).split("\n");
  assert.equal(JSON.parse(line).log, "a\ufffdb\0c\n"); // as docker's: JSON knows no other bytes
});

test("a line without an end is there as soon as the process ends, with its prompt before", async (box) => {
  await box.ok("run", "-di", "--name", "prompt", "busybox", "sh", "-c", "printf 'name? '; read name; echo hello $name");
  const { stdout } = await box.sauropod(["attach", "prompt"], { stdin: "you\n" });
  assert.equal(stdout, "hello you\n");
  assert.equal(await box.ok("logs", "prompt"), "name? hello you");
});

test("logs are rotated by size, the oldest go", async (box) => {
  const flags = ["--log-opt", "max-size=10k", "--log-opt", "max-file=3"];
  await box.ok("run", "-d", "--name", "rotated", ...flags, "busybox", "seq", "1", "2000");
  await box.ok("wait", "rotated");
  const path = await logFile(box, "rotated");
  const folder = path.slice(0, path.lastIndexOf("/"));
  const files = Array.from(Deno.readDirSync(folder), ({ name }) => name).filter((name) => name.includes("-json.log"));
  assert.equal(files.length, 3);
  for (const name of files) assert.ok(Deno.statSync(`${folder}/${name}`).size <= 11_000, name);
  const lines = (await box.ok("logs", "rotated")).split("\n").map(Number);
  assert.equal(lines.at(-1), 2000);
  assert.ok(lines.every((line, index) => index === 0 || line === (lines[index - 1] ?? 0) + 1), "there is a gap");
  assert.ok((lines[0] ?? 0) > 1);
});

test("--log-driver none keeps nothing, attach works all the same", async (box) => {
  const run = await box.sauropod([
    "run",
    "--network",
    "none",
    "--name",
    "unlogged",
    "--log-driver",
    "none",
    "busybox",
    "echo",
    "seen",
  ]);
  assert.deepEqual(run, { code: 0, stdout: "seen\n", stderr: "" });
  const { code, stdout, stderr } = await box.sauropod(["logs", "unlogged"]);
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /configured logging driver does not support reading/);
});

test("the log of a second run follows that of the first", async (box) => {
  await box.ok("run", "--name", "rerun", "busybox", "sh", "-c", "echo run; echo x >> /times");
  assert.equal(await box.ok("start", "-a", "rerun"), "run");
  assert.equal(await box.ok("logs", "rerun"), "run\nrun");
});

test("what a process prints on a terminal is logged as it is", async (box) => {
  await box.ok("run", "-t", "--name", "on-tty", "busybox", "sh", "-c", "echo one; echo two >&2");
  assert.deepEqual(await box.sauropod(["logs", "on-tty"]), { code: 0, stdout: "one\r\ntwo\r\n", stderr: "" });
});
