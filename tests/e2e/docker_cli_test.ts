/** The real docker CLI against our engine: that of the machine's PATH, and Debian's, where they differ. */
import assert from "node:assert/strict";
import type { CommandOptions } from "../support/command.ts";
import { busyboxRootTar } from "../support/fixtures.ts";
import { findCommand } from "../support/machine.ts";
import { type Sandbox, until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";
import { Terminal } from "../support/terminal.ts";

const sandbox = new SharedSandbox({ command: ["busybox", "docker"] });

/** The first of the PATH and that of Debian's package; on a machine with one client its tests run once. */
const clients = new Set([findCommand("docker") ?? "docker", ...existing("/usr/bin/docker")]);

function existing(path: string): string[] {
  return Array.from(Deno.readDirSync("/usr/bin")).some(({ name }) => `/usr/bin/${name}` === path) ? [path] : [];
}

/** One docker client and our engine. */
class Docker {
  constructor(readonly box: Sandbox, readonly cli: string) {}

  run(args: readonly string[], options: CommandOptions = {}) {
    return this.box.docker(args, { ...options, cli: this.cli });
  }

  /** What must succeed, and its trimmed stdout. */
  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(args);
    assert.equal(code, 0, `docker ${args.join(" ")} ended with ${code}: ${stderr}${stdout}`);
    return stdout.trim();
  }

  /** What must fail: its exit code and message. */
  async fails(...args: string[]): Promise<[code: number, stderr: string]> {
    const { code, stderr } = await this.run(args);
    assert.notEqual(code, 0, `docker ${args.join(" ")} succeeded`);
    return [code, stderr];
  }

  open(args: readonly string[]): Terminal {
    const env = {
      ...this.box.env,
      DOCKER_HOST: `unix://${this.box.socket}`,
      DOCKER_CONFIG: `${this.box.folder}/docker`,
    };
    return new Terminal([this.cli, ...args], { env, rows: 30, columns: 90 });
  }

  async sleeper(name: string, ...flags: string[]): Promise<string> {
    return await this.ok("run", "-d", "--network", "none", "--name", name, ...flags, "busybox", "sleep", "1000");
  }
}

/** One test per client; what it leaves is removed, so that the next finds the names free. */
function test(name: string, fn: (docker: Docker) => Promise<void>): void {
  for (const cli of clients) {
    sandbox.test(`${cli}: ${name}`, async (box) => {
      const docker = new Docker(box, cli);
      try {
        await fn(docker);
      } finally {
        const ids = (await box.ok("ps", "-aq")).split("\n").filter((id) => id !== "");
        if (ids.length > 0) await box.ok("rm", "-f", ...ids);
      }
    });
  }
}

const run = ["run", "--rm", "--network", "none"];

test("run attached: streams apart, exit code, removal", async (docker) => {
  const result = await docker.run([...run, "--name", "once", "busybox", "sh", "-c", "echo out; echo err >&2; exit 3"]);
  assert.deepEqual(result, { code: 3, stdout: "out\n", stderr: "err\n" });
  assert.equal(await docker.ok("ps", "-aq"), "");
});

test("run -i with piped stdin ends by itself, large input arrives whole", async (docker) => {
  const data = "0123456789abcde\n".repeat(100_000);
  const { code, stdout } = await docker.run([...run, "-i", "busybox", "cat"], { stdin: data });
  assert.equal(code, 0);
  assert.ok(stdout === data, `${stdout.length} of ${data.length} bytes came back`);
});

test("run: 125, 126 and 127 as docker's own", async (docker) => {
  assert.equal((await docker.fails(...run, "busybox", "no-such-command"))[0], 127);
  assert.equal((await docker.fails(...run, "busybox", "/etc/passwd"))[0], 126);
  const [code, stderr] = await docker.fails(...run, "-m", "1k", "busybox", "true");
  assert.equal(code, 125);
  assert.match(stderr, /Error response from daemon: Minimum memory limit allowed is 6MB/);
});

test("run -d, ps, inspect, stop, start, restart, rm", async (docker) => {
  const id = await docker.sleeper("worker", "-l", "kind=test", "--stop-timeout", "0");
  assert.match(id, /^[0-9a-f]{64}$/);
  const format = "{{.ID}} {{.Names}} {{.Image}} {{.Command}} {{.Labels}}";
  assert.equal(await docker.ok("ps", "--format", format), `${id.slice(0, 12)} worker busybox "sleep 1000" kind=test`);
  assert.match(await docker.ok("ps"), /^CONTAINER ID .*\n.* Up .*worker$/);
  assert.equal(
    await docker.ok("inspect", "-f", "{{.State.Status}} {{.Name}} {{.Config.Image}}", "worker"),
    "running /worker busybox",
  );
  const [inspected] = JSON.parse(await docker.ok("inspect", "worker"));
  assert.deepEqual([inspected.Id, inspected.HostConfig.NetworkMode, inspected.Args], [id, "none", ["1000"]]);
  assert.equal(await docker.ok("stop", "worker"), "worker");
  assert.match(await docker.ok("ps", "-a", "--format", "{{.Status}}"), /^Exited \(137\) .* ago$/);
  assert.equal(await docker.ok("start", "worker"), "worker");
  assert.equal(await docker.ok("restart", "worker"), "worker");
  const [code, stderr] = await docker.fails("rm", "worker");
  assert.equal(code, 1);
  assert.match(stderr, /running/);
  assert.equal(await docker.ok("rm", "-f", "worker"), "worker");
});

test("create, start -a, wait, logs with all flags", async (docker) => {
  await docker.ok(
    "create",
    "--network",
    "none",
    "--name",
    "talker",
    "busybox",
    "sh",
    "-c",
    "echo one; echo two >&2; exit 4",
  );
  assert.deepEqual(await docker.run(["start", "-a", "talker"]), { code: 4, stdout: "one\n", stderr: "two\n" });
  assert.equal(await docker.ok("wait", "talker"), "4");
  assert.deepEqual(await docker.run(["logs", "talker"]), { code: 0, stdout: "one\n", stderr: "two\n" });
  assert.match(await docker.ok("logs", "-t", "--tail", "1", "talker"), /^$|^\S+Z one$/);
  assert.equal(await docker.ok("logs", "--since", "1h", "-f", "talker"), "one");
});

test("logs -f follows to the end", async (docker) => {
  const script = "echo a; while [ ! -e /go ]; do sleep 0.02; done; echo b";
  await docker.ok("run", "-d", "--network", "none", "--name", "slow", "busybox", "sh", "-c", script);
  const following = docker.ok("logs", "-f", "slow");
  await docker.ok("exec", "slow", "touch", "/go");
  assert.equal(await following, "a\nb");
});

test("exec: streams, stdin, exit codes, -d, user and folder", async (docker) => {
  await docker.sleeper("execs");
  const result = await docker.run(["exec", "-i", "execs", "sh", "-c", "cat; echo err >&2; exit 5"], { stdin: "in" });
  assert.deepEqual(result, { code: 5, stdout: "in", stderr: "err\n" });
  assert.equal(
    await docker.ok("exec", "-u", "33", "-w", "/tmp", "-e", "A=b", "execs", "sh", "-c", "id -u; pwd; echo $A"),
    "33\n/tmp\nb",
  );
  assert.equal((await docker.fails("exec", "execs", "no-such-command"))[0], 127);
  assert.equal(await docker.ok("exec", "-d", "execs", "touch", "/made"), "");
  await until("it is made", async () => (await docker.run(["exec", "execs", "ls", "/made"])).code === 0);
});

test("kill, pause, unpause, rename, update, top, diff", async (docker) => {
  await docker.sleeper("verbs", "-m", "64m");
  assert.equal(await docker.ok("pause", "verbs"), "verbs");
  assert.match(await docker.ok("ps", "--format", "{{.Status}}"), /\(Paused\)$/);
  assert.equal(await docker.ok("unpause", "verbs"), "verbs");
  await docker.ok("rename", "verbs", "renamed");
  assert.equal(await docker.ok("update", "-m", "128m", "--memory-swap", "128m", "renamed"), "renamed");
  assert.equal(await docker.ok("inspect", "-f", "{{.HostConfig.Memory}}", "renamed"), "134217728");
  assert.match(await docker.ok("top", "renamed"), /^UID .*\nroot .* sleep 1000$/);
  await docker.ok("exec", "renamed", "touch", "/root/new");
  assert.equal(await docker.ok("diff", "renamed"), "C /root\nA /root/new");
  assert.equal(await docker.ok("kill", "-s", "KILL", "renamed"), "renamed");
  const [code, stderr] = await docker.fails("kill", "renamed");
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^Error response from daemon: cannot kill container: renamed: container [0-9a-f]{64} is not running\n$/i,
  );
});

test("stats --no-stream", async (docker) => {
  await docker.sleeper("measured", "-m", "64m");
  const row = await docker.ok("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}} {{.PIDs}} {{.CPUPerc}}");
  assert.match(row, /^measured [\d.]+[kKM]iB \/ 64MiB 1 [\d.]+%$/);
});

test("events, past and to come", async (docker) => {
  const since = String(Date.now() / 1000);
  await docker.ok(...run, "--name", "eventful", "busybox", "true");
  const until = String(Math.ceil(Date.now() / 1000)); // docker's client knows whole seconds only
  const filters = ["--filter", "container=eventful", "--format", "{{.Type}} {{.Action}}"];
  const events = (await docker.ok("events", "--since", since, "--until", until, ...filters)).split("\n");
  assert.deepEqual(events, ["create", "attach", "start", "die", "destroy"].map((action) => `container ${action}`));
});

test("attach gives output and exit code", async (docker) => {
  await docker.ok(
    "run",
    "-di",
    "--network",
    "none",
    "--name",
    "attachable",
    "busybox",
    "sh",
    "-c",
    "read x; echo got $x; exit 6",
  );
  assert.deepEqual(await docker.run(["attach", "attachable"], { stdin: "it\n" }), {
    code: 6,
    stdout: "got it\n",
    stderr: "",
  });
});

test("run -it, exec -it and detaching on a terminal", async (docker) => {
  {
    await using terminal = docker.open([
      "run",
      "-it",
      "--network",
      "none",
      "--name",
      "tty",
      "-e",
      "PS1=ready> ",
      "busybox",
      "sh",
    ]);
    await terminal.shows("ready> ");
    await terminal.type("tty; stty size\n");
    await terminal.shows("/dev/pts/0\r\n30 90\r\n");
    await terminal.type("\x10\x11");
    assert.equal(await terminal.exit(), 0);
  }
  await using terminal = docker.open(["exec", "-it", "tty", "sh"]);
  await terminal.shows("ready> ");
  await terminal.type("tty; exit 7\n");
  await terminal.shows("/dev/pts/1\r\n");
  assert.equal(await terminal.exit(), 7);
  await using attached = docker.open(["attach", "tty"]);
  await attached.type("exit 9\n");
  assert.equal(await attached.exit(), 9);
});

test("images, import, tag, save, load, history, rmi", async (docker) => {
  assert.match(await docker.ok("images", "busybox"), /^REPOSITORY .*\nbusybox +latest +[0-9a-f]{12} .*B$/);
  const id = await docker.ok(
    "import",
    "-c",
    "CMD echo imported",
    "-c",
    "ENV A=b",
    await busyboxRootTar(),
    "made/here:v1",
  );
  assert.match(id, /^sha256:[0-9a-f]{64}$/);
  assert.equal(
    await docker.ok("image", "inspect", "-f", "{{.Id}} {{json .Config.Env}}", "made/here:v1"),
    `${id} ["A=b"]`,
  );
  assert.equal(await docker.ok(...run, "made/here:v1"), "imported");
  await docker.ok("tag", "made/here:v1", "made/here:v2");
  assert.match(await docker.ok("history", "--no-trunc", "-q", "made/here:v2"), /^sha256:/);
  const file = `${docker.box.folder}/saved.tar`;
  await docker.ok("save", "-o", file, "made/here:v1", "made/here:v2");
  assert.equal(await docker.ok("rmi", "made/here:v1"), "Untagged: made/here:v1");
  assert.match(await docker.ok("rmi", "made/here:v2"), /^Untagged: made\/here:v2\nDeleted: sha256:/);
  assert.equal(await docker.ok("load", "-i", file), "Loaded image: made/here:v1\nLoaded image: made/here:v2");
  assert.equal(await docker.ok(...run, "made/here:v2"), "imported");
  await docker.ok("rmi", "made/here:v1", "made/here:v2");
});

test("info and version", async (docker) => {
  assert.equal(await docker.ok("info", "--format", "{{.OSType}} {{.NCPU}}"), `linux ${navigator.hardwareConcurrency}`);
  assert.match(await docker.ok("info"), /Server:\n Containers: 0\n/);
  assert.match(await docker.ok("version", "--format", "{{.Server.Version}} {{.Server.Os}}"), /^\d+\.\d+\.\d+ linux$/);
  assert.match(await docker.ok("version"), /Server: Sauropod/);
});

test("errors have docker's sentences", async (docker) => {
  await docker.ok("create", "--name", "taken", "busybox");
  const rows: readonly (readonly [string, RegExp])[] = [
    ["stop absent", /No such container: absent\n$/],
    ["logs absent", /No such container: absent\n$/],
    ["exec absent true", /No such container: absent\n$/],
    ["exec taken true", /container [0-9a-f]{64} is not running\n$/i],
    ["rmi absent", /No such image: absent(:latest)?\n$/],
    ["rename taken taken", /Renaming a container with the same name as its current name\n/],
    ["pause taken", /container [0-9a-f]{64} is not running\n$/i],
    [
      "create --name taken busybox",
      /Conflict\. The container name "\/taken" is already in use by container "[0-9a-f]{64}"\. You have to remove/,
    ],
  ];
  for (const [line, expected] of rows) {
    const [, stderr] = await docker.fails(...line.split(" "));
    assert.match(stderr, expected, line);
    assert.match(stderr, /^Error( response from daemon)?: /m, line);
  }
  assert.match((await docker.fails("inspect", "absent"))[1], /no such object: absent/i);
});

test("old versions of the API", async (docker) => {
  for (const version of ["1.24", "1.30", "1.40"]) {
    const env = { DOCKER_API_VERSION: version };
    const script = "cat; echo err >&2; exit 4";
    const result = await docker.run([...run, "-i", "busybox", "sh", "-c", script], { env, stdin: "in" });
    assert.deepEqual(result, { code: 4, stdout: "in", stderr: "err\n" }, version);
    const name = `old-${version}`;
    await docker.run(
      ["run", "-d", "--network", "none", "--name", name, "busybox", "sh", "-c", "echo one; sleep 1000"],
      { env },
    );
    assert.equal((await docker.run(["exec", name, "echo", "in it"], { env })).stdout, "in it\n");
    assert.equal((await docker.run(["logs", name], { env })).stdout, "one\n");
    assert.match((await docker.run(["ps", "--format", "{{.Names}} {{.Status}}"], { env })).stdout, /^old-\S+ Up /);
    assert.equal((await docker.run(["kill", name], { env })).stdout, `${name}\n`);
    assert.equal((await docker.run(["wait", name], { env })).stdout, "137\n");
    assert.equal((await docker.run(["rm", name], { env })).stdout, `${name}\n`);
  }
});

test("prune", async (docker) => {
  const id = await docker.ok("create", "busybox");
  assert.match(
    await docker.ok("container", "prune", "-f"),
    new RegExp(`^Deleted Containers:\n${id}\n\nTotal reclaimed space: 0B$`),
  );
});
