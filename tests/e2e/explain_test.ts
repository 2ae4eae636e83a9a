/** `--explain`: the tape of a start, for people and for programs. The integration tests hold it against strace. */
import assert from "node:assert/strict";
import type { TapeListing } from "../../base/container_engine.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox();
const test = sandbox.test.bind(sandbox);

const quiet = ["--network", "none"];

function check(listing: TapeListing): string[] {
  assert.equal(listing.architecture, Deno.build.arch);
  for (const [index, entry] of listing.entries.entries()) {
    assert.equal(entry.index, index);
    assert.ok(entry.label.length > 0 && entry.reason.length > 0, JSON.stringify(entry));
    assert.ok(entry.args.length <= 6 && entry.raw.length <= 6);
  }
  return listing.entries.map(({ call }) => call);
}

test("run --explain prints one line per system call, with its reason, and runs the container", async (box) => {
  const { code, stdout, stderr } = await box.sauropod(["run", "--rm", ...quiet, "--explain", "busybox", "echo", "ran"]);
  assert.deepEqual([code, stdout], [0, "ran\n"]);
  const [title = "", ...lines] = stderr.trimEnd().split("\n").filter((line) => line !== "");
  const [, count] = /^# (\d+) system calls \(\w+\), replayed in this order$/.exec(title) ?? [];
  const calls = lines.filter((line) => !line.startsWith("#"));
  assert.equal(calls.length, Number(count));
  for (const line of calls) assert.match(line, /^ *\d+ {2}\w+\(.*\).* {2}# .+: .+$/);
  const order = ["clone", "pivot_root", "capset", "execve"].map((call) =>
    calls.findIndex((line) => line.includes(` ${call}(`))
  );
  assert.ok(order.every((at, index) => at > (order[index - 1] ?? -1)), `out of order: ${order}`);
  assert.match(stderr, /execve\("\/bin\/echo", \["echo", "ran"\]/);
});

test("run --explain=json prints the same for programs", async (box) => {
  const { stderr, stdout } = await box.sauropod(["run", "--rm", ...quiet, "--explain=json", "busybox", "echo", "ran"]);
  assert.equal(stdout, "ran\n");
  const calls = check(JSON.parse(stderr));
  assert.equal(calls.at(-1), "execve");
  assert.ok(calls.length > 100);
});

test("create --explain shows what a start would do and starts nothing; start --explain does both", async (box) => {
  const created = await box.sauropod(["create", ...quiet, "--name", "told", "--explain=json", "busybox", "echo", "x"]);
  const first = check(JSON.parse(created.stderr));
  assert.match(created.stdout, /^[0-9a-f]{64}\n$/);
  assert.equal(await box.inspect("told", "{{.State.Status}}"), "created");
  const started = await box.sauropod(["start", "-a", "--explain=json", "told"]);
  assert.equal(started.stdout, "x\n");
  assert.deepEqual(check(JSON.parse(started.stderr)), first);
});

test("exec --explain shows how a further process gets in", async (box) => {
  await box.ok("run", "-d", "--name", "entered", "busybox", "sleep", "1000");
  const { code, stdout, stderr } = await box.sauropod(["exec", "--explain=json", "entered", "echo", "in"]);
  assert.deepEqual([code, stdout], [0, "in\n"]);
  const calls = check(JSON.parse(stderr));
  assert.ok(calls.includes("setns") && !calls.includes("pivot_root"), calls.join(" "));
  const text = await box.sauropod(["exec", "--explain", "entered", "true"]);
  assert.match(text.stderr, /# the keeper\n(.|\n)*# the process, up to the user's command\n/);
});

test("flags change the tape as they should", async (box) => {
  const listing = async (...flags: string[]) => {
    const { stderr } = await box.sauropod(["create", ...quiet, ...flags, "--explain=json", "busybox", "true"]);
    const tape: TapeListing = JSON.parse(stderr);
    return tape.entries.map(({ call, args }) => `${call}(${args.join(", ")})`).join("\n");
  };
  const plain = await listing();
  assert.match(plain, /seccomp/);
  assert.doesNotMatch(await listing("--security-opt", "seccomp=unconfined"), /seccomp/);
  assert.match(await listing("--hostname", "named"), /sethostname\("named"/);
  assert.match(await listing("-w", "/srv/deep"), /"\/srv\/deep"/);
  assert.match(await listing("-u", "5:7"), /setresuid\(5, 5, 5\)|setuid\(5\)/);
});

test("--explain of something else is refused", async (box) => {
  const { code, stderr } = await box.sauropod(["run", "--explain=xml", "busybox", "true"]);
  assert.equal(code, 125);
  assert.match(stderr, /^invalid argument "xml" for "--explain" flag: it is "text" or "json"\n/);
});
