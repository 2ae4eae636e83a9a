/** The commands on containers, by our CLI, seen from outside. */
import assert from "node:assert/strict";
import type { Sandbox } from "../support/sandbox.ts";
import { until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox();
const test = sandbox.test.bind(sandbox);

/** A container that runs until it is told otherwise. */
async function sleeper(box: Sandbox, name: string, ...flags: string[]): Promise<string> {
  return await box.ok("run", "-d", "--name", name, ...flags, "busybox", "sleep", "1000");
}

/** A container that ends with 3 at SIGTERM and 4 at SIGUSR1, and is ready for them. */
async function obedient(box: Sandbox, name: string, ...flags: string[]): Promise<void> {
  const script = "trap 'exit 3' TERM; trap 'exit 4' USR1; echo ready; while :; do sleep 0.05; done";
  await box.ok("run", "-d", "--name", name, ...flags, "busybox", "sh", "-c", script);
  await until(`${name} is ready`, async () => await box.ok("logs", name) === "ready");
}

test("create makes a container that does not run, and start runs it", async (box) => {
  const id = await box.ok("create", "--name", "made", "busybox", "sh", "-c", "echo hello; exit 5");
  assert.match(id, /^[0-9a-f]{64}$/);
  assert.equal(await box.inspect("made", "{{.State.Status}} {{.State.Running}}"), "created false");
  assert.equal(await box.ok("ps", "-aq", "--no-trunc", "--filter", "status=created"), id);
  assert.equal(await box.ok("start", "made"), "made");
  assert.equal(await box.ok("wait", "made"), "5");
  assert.equal(await box.inspect("made", "{{.State.Status}} {{.State.ExitCode}}"), "exited 5");
  assert.deepEqual(await box.sauropod(["start", "-a", "made"]), { code: 5, stdout: "hello\n", stderr: "" });
});

test("start -ai gives our stdin to the process", async (box) => {
  await box.ok("create", "-i", "--name", "reader", "busybox", "cat");
  assert.deepEqual(await box.sauropod(["start", "-ai", "reader"], { stdin: "first\nsecond" }), {
    code: 0,
    stdout: "first\nsecond",
    stderr: "",
  });
});

test("starting what runs and stopping what does not are no failures", async (box) => {
  await sleeper(box, "twice");
  assert.equal(await box.ok("start", "twice"), "twice");
  assert.equal(await box.ok("stop", "-t", "0", "twice"), "twice");
  assert.equal(await box.ok("stop", "twice"), "twice");
  assert.equal(await box.ok("rm", "twice"), "twice");
});

test("stop sends the stop signal, and SIGKILL when the time is over", async (box) => {
  await obedient(box, "polite");
  await box.ok("stop", "polite");
  assert.equal(await box.inspect("polite", "{{.State.ExitCode}}"), "3");
  await obedient(box, "signalled", "--stop-signal", "USR1");
  await box.ok("stop", "signalled");
  assert.equal(await box.inspect("signalled", "{{.State.ExitCode}}"), "4");
  await sleeper(box, "deaf"); // PID 1 has no handler for SIGTERM, so it does not reach it
  await box.ok("stop", "--time", "0", "deaf");
  assert.equal(await box.inspect("deaf", "{{.State.ExitCode}} {{.State.OOMKilled}}"), "137 false");
});

test("stop waits as long as --stop-timeout says", async (box) => {
  await sleeper(box, "hurried", "--stop-timeout", "0");
  await box.ok("stop", "hurried");
  assert.equal(await box.inspect("hurried", "{{.State.ExitCode}}"), "137");
});

test("restart gives the container another process", async (box) => {
  await obedient(box, "again");
  const before = await box.inspect("again", "{{.State.Pid}}");
  assert.equal(await box.ok("restart", "-t", "1", "again"), "again");
  const [pid, running] = (await box.inspect("again", "{{.State.Pid}} {{.State.Running}}")).split(" ");
  assert.notEqual(pid, before);
  assert.equal(running, "true");
});

test("kill sends SIGKILL or the signal that is named", async (box) => {
  await sleeper(box, "killed");
  assert.equal(await box.ok("kill", "killed"), "killed");
  assert.equal(await box.ok("wait", "killed"), "137");
  for (const [index, signal] of ["USR1", "SIGUSR1", "10"].entries()) {
    await obedient(box, `named-${index}`);
    await box.ok("kill", "-s", signal, `named-${index}`);
    assert.equal(await box.ok("wait", `named-${index}`), "4");
  }
  const { code, stderr } = await box.sauropod(["kill", "killed"]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^Error response from engine: cannot kill container: killed: container [0-9a-f]{64} is not running\n$/,
  );
  const wrong = await box.sauropod(["kill", "-s", "NOSUCH", "named-0"]);
  assert.deepEqual([wrong.code, wrong.stderr], [1, "Error response from engine: Invalid signal: NOSUCH\n"]);
});

test("rm refuses what runs, removes it with -f, and goes on after a failure", async (box) => {
  await sleeper(box, "runs");
  const id = await box.ok("create", "--name", "still", "busybox");
  const { code, stdout, stderr } = await box.sauropod(["rm", "runs", "absent", "still"]);
  assert.equal(code, 1);
  assert.equal(stdout, "still\n");
  assert.match(stderr, /running.*\n.*No such container: absent\n/);
  assert.deepEqual(await box.sauropod(["rm", "-f", "absent", "runs"]), {
    code: 0, // with force, what is not there is as good as removed
    stdout: "runs\n",
    stderr: "Error response from engine: No such container: absent\n",
  });
  assert.equal(await box.ok("ps", "-a", "--filter", `id=${id}`, "--filter", "name=runs", "-q"), "");
});

test("a container is found by its id, the beginning of it, and its name", async (box) => {
  const id = await box.ok("create", "--name", "found", "busybox");
  for (const name of [id, id.slice(0, 12), id.slice(0, 6), "found", "/found"]) {
    assert.equal(await box.inspect(name, "{{.Id}}"), id);
  }
});

test("wait prints the exit codes in the order of the names", async (box) => {
  await box.ok("run", "-d", "--name", "seven", "busybox", "sh", "-c", "sleep 0.3; exit 7");
  await box.ok("run", "-d", "--name", "zero", "busybox", "true");
  assert.equal(await box.ok("wait", "seven", "zero"), "7\n0");
});

test("pause freezes, unpause goes on", async (box) => {
  await box.ok("run", "-d", "--name", "frozen", "busybox", "sh", "-c", "while :; do echo tick; sleep 0.02; done");
  assert.equal(await box.ok("pause", "frozen"), "frozen");
  assert.equal(await box.inspect("frozen", "{{.State.Status}} {{.State.Paused}}"), "paused true");
  assert.match(await box.ok("ps", "--filter", "name=frozen", "--format", "{{.Status}}"), /^Up .* \(Paused\)$/);
  const lines = (await box.ok("logs", "frozen")).length;
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal((await box.ok("logs", "frozen")).length, lines);
  const { code, stderr } = await box.sauropod(["exec", "frozen", "true"]);
  assert.equal(code, 1);
  assert.match(stderr, /is paused, unpause the container before exec/);
  assert.equal(await box.ok("unpause", "frozen"), "frozen");
  await until("it goes on", async () => (await box.ok("logs", "frozen")).length > lines);
  assert.match((await box.sauropod(["unpause", "frozen"])).stderr, /is not paused/);
  await box.ok("pause", "frozen");
  assert.equal(await box.ok("rm", "-f", "frozen"), "frozen");
});

test("rename gives another name, unless somebody has it", async (box) => {
  const id = await box.ok("create", "--name", "old-name", "busybox");
  await box.ok("rename", "old-name", "new-name");
  assert.equal(await box.inspect("new-name", "{{.Id}} {{.Name}}"), `${id} /new-name`);
  await box.ok("create", "--name", "old-name", "busybox");
  const { code, stderr } = await box.sauropod(["rename", "old-name", "new-name"]);
  assert.equal(code, 1);
  assert.match(stderr, /The container name "\/new-name" is already in use by container/);
});

test("update changes the limits of a container that runs", async (box) => {
  await sleeper(box, "limited", "-m", "64m");
  assert.equal(
    await box.ok("update", "-m", "128m", "--memory-swap", "256m", "--pids-limit", "50", "limited"),
    "limited",
  );
  const template = "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.PidsLimit}}";
  assert.equal(await box.inspect("limited", template), "134217728 268435456 50");
  assert.match(await box.ok("stats", "--no-stream", "--format", "{{.MemUsage}} {{.PIDs}}", "limited"), / \/ 128MiB 1$/);
  await box.ok("update", "--restart", "on-failure:3", "limited");
  assert.equal(
    await box.inspect("limited", "{{json .HostConfig.RestartPolicy}}"),
    '{"Name":"on-failure","MaximumRetryCount":3}',
  );
});

test("diff tells what was added, changed and deleted", async (box) => {
  const script = "echo x > /root/new; rm /etc/shadow; echo '#' >> /etc/passwd; mkdir /var/dir; touch /var/dir/file";
  await box.ok("run", "--name", "changed", "busybox", "sh", "-c", script);
  assert.deepEqual((await box.ok("diff", "changed")).split("\n").sort(), [
    "A /root/new",
    "A /var/dir",
    "A /var/dir/file",
    "C /etc",
    "C /etc/passwd",
    "C /root",
    "C /var",
    "D /etc/shadow",
  ]);
});

test("top shows the container's processes with the pids of the host", async (box) => {
  await sleeper(box, "watched");
  const pid = await box.inspect("watched", "{{.State.Pid}}");
  const [title = "", row = "", ...more] = (await box.ok("top", "watched")).split("\n");
  assert.deepEqual(title.split(/ +/).slice(0, 3), ["UID", "PID", "PPID"]);
  assert.deepEqual([row.split(/ +/)[1], row.endsWith("sleep 1000"), more.length], [pid, true, 0]);
  assert.equal((await box.ok("top", "watched", "-o", "pid,comm")).replace(/ +/g, " "), `PID COMMAND\n${pid} sleep`);
});

test("exec runs a command in the container, with its own user, folder and variables", async (box) => {
  await sleeper(box, "host-of-execs", "-e", "FROM=run", "-w", "/tmp", "--hostname", "inside");
  const exec = async (...words: string[]) => await box.ok("exec", ...words);
  assert.equal(await exec("host-of-execs", "sh", "-c", "echo $FROM; pwd; hostname; id -u"), "run\n/tmp\ninside\n0");
  assert.equal(await exec("-u", "www-data", "host-of-execs", "id", "-un"), "www-data");
  assert.equal(await exec("-u", "5:7", "host-of-execs", "sh", "-c", "id -u; id -g"), "5\n7");
  assert.equal(await exec("-w", "/etc", "-e", "A=b c", "host-of-execs", "sh", "-c", "pwd; echo $A"), "/etc\nb c");
  assert.match(await exec("host-of-execs", "ps"), /^\s*1 .* sleep 1000$/m);
});

test("exec ends with the command's exit code, or 126, 127 and 128+n", async (box) => {
  await sleeper(box, "exec-codes");
  const rows: [number, ...string[]][] = [
    [0, "true"],
    [1, "false"],
    [42, "sh", "-c", "exit 42"],
    [143, "sh", "-c", "kill -TERM $$"],
    [127, "no-such-command"],
    [126, "/etc"],
    [126, "/etc/passwd"],
  ];
  for (const [code, ...words] of rows) {
    assert.equal((await box.sauropod(["exec", "exec-codes", ...words])).code, code, words.join(" "));
  }
  const { stdout } = await box.sauropod(["exec", "exec-codes", "no-such-command"]);
  assert.match(stdout, /exec: "no-such-command": executable file not found in \$PATH/); // on stdout, as docker has it
});

test("exec -i passes stdin, keeps stdout and stderr apart, and exec -d returns at once", async (box) => {
  await sleeper(box, "exec-streams");
  const script = "cat; echo problem >&2; exit 9";
  const result = await box.sauropod(["exec", "-i", "exec-streams", "sh", "-c", script], { stdin: "data" });
  assert.deepEqual(result, { code: 9, stdout: "data", stderr: "problem\n" });
  assert.equal(await box.ok("exec", "-d", "exec-streams", "sh", "-c", "sleep 0.1; touch /tmp/done; sleep 1000"), "");
  await until("it is done", async () => (await box.sauropod(["exec", "exec-streams", "ls", "/tmp/done"])).code === 0);
});

test("exec into a container that does not run, or is not there, is refused", async (box) => {
  await box.ok("create", "--name", "not-yet", "busybox");
  const stopped = await box.sauropod(["exec", "not-yet", "true"]);
  assert.equal(stopped.code, 1);
  assert.match(stopped.stderr, /^Error response from engine: container [0-9a-f]{64} is not running\n$/);
  const absent = await box.sauropod(["exec", "absent", "true"]);
  assert.deepEqual([absent.code, absent.stderr], [1, "Error response from engine: No such container: absent\n"]);
});

test("attach shows what comes from now on, and ends with the container's exit code", async (box) => {
  const script = 'echo early; read line; echo "got $line"; echo problem >&2; exit 6';
  await box.ok("run", "-di", "--name", "attached", "busybox", "sh", "-c", script);
  await until("it has begun", async () => await box.ok("logs", "attached") === "early");
  assert.deepEqual(await box.sauropod(["attach", "attached"], { stdin: "words\n" }), {
    code: 6,
    stdout: "got words\n",
    stderr: "problem\n",
  });
  const { code, stderr } = await box.sauropod(["attach", "attached"]);
  assert.deepEqual([code, stderr], [1, "You cannot attach to a stopped container, start it first\n"]);
});

test("prune removes what is stopped, and only that", async (box) => {
  await sleeper(box, "kept", "-l", "prune=me");
  const gone = await box.ok("create", "-l", "prune=me", "busybox");
  const result = await box.ok("container", "prune", "-f", "--filter", "label=prune=me");
  assert.equal(result, `Deleted Containers:\n${gone}\n\nTotal reclaimed space: 0B`);
  assert.equal(await box.ok("ps", "-a", "--filter", "label=prune=me", "--format", "{{.Names}}"), "kept");
  const { stdout } = await box.sauropod(["container", "prune"], { stdin: "n\n" });
  assert.match(
    stdout,
    /^WARNING! This will remove all stopped containers\.\nAre you sure you want to continue\? \[y\/N\] /,
  );
});

test("a restart policy restarts what fails, and no more often than it says", async (box) => {
  await box.ok(
    "run",
    "-d",
    "--name",
    "failing",
    "--restart",
    "on-failure:2",
    "busybox",
    "sh",
    "-c",
    "echo run; exit 1",
  );
  const settled = "{{.RestartCount}} {{.State.Status}}";
  await until("it is given up", async () => await box.inspect("failing", settled) === "2 exited");
  assert.equal(await box.ok("logs", "failing"), "run\nrun\nrun");
  await box.ok("run", "-d", "--name", "forever", "--restart", "always", "busybox", "true");
  await until("it was restarted", async () => Number(await box.inspect("forever", "{{.RestartCount}}")) > 0);
  await box.ok("stop", "-t", "0", "forever");
  assert.equal(await box.inspect("forever", "{{.State.Status}}"), "exited");
});

test("stop is the last word, also while the restart policy is just starting the container", async (box) => {
  for (let round = 0; round < 8; round++) {
    await box.ok("run", "-d", "--name", "stubborn", "--restart", "always", "busybox", "true");
    await new Promise((resolve) => setTimeout(resolve, 20 * round));
    await box.sauropod(["stop", "-t", "0", "stubborn"]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(await box.inspect("stubborn", "{{.State.Status}}"), "exited");
    await box.ok("rm", "stubborn");
  }
});
