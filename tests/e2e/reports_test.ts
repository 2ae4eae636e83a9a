/** What the engine tells: lists, inspect, info, version, events, stats. */
import assert from "node:assert/strict";
import { program, until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox();
const test = sandbox.test.bind(sandbox);

test("ps shows docker's columns, running containers first and only", async (box) => {
  const id = await box.ok("run", "-d", "--name", "shown", "busybox", "sleep", "1000");
  await box.ok("create", "--name", "hidden", "busybox", "a long command that does not fit");
  const [title = "", row = "", ...more] = (await box.ok("ps")).split("\n");
  assert.deepEqual(title.split(/ {2,}/), ["CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES"]);
  assert.deepEqual(more, []);
  assert.match(row, new RegExp(`^${id.slice(0, 12)} +busybox +"sleep 1000" +.* ago +Up .* +shown$`));
  assert.match(await box.ok("ps", "-a", "--filter", "name=hidden"), /"a long command that…" .* Created +hidden$/);
  assert.equal(await box.ok("ps", "-q", "--no-trunc"), id);
  await box.ok("rm", "-f", "shown", "hidden");
});

test("ps filters, limits and formats", async (box) => {
  const names = async (...flags: string[]) =>
    (await box.ok("ps", ...flags, "--format", "{{.Names}}")).split("\n").filter(Boolean);
  await box.ok("run", "-d", "--name", "f-runs", "-l", "tier=web", "busybox", "sleep", "1000");
  await box.ok("run", "--name", "f-done", "-l", "tier=db", "busybox", "true");
  await box.sauropod(["run", "--name", "f-failed", "-l", "tier=db", "busybox", "sh", "-c", "exit 3"]);
  await box.ok("create", "--name", "f-made", "busybox");
  assert.deepEqual(await names("-a"), ["f-made", "f-failed", "f-done", "f-runs"]);
  assert.deepEqual(await names("-a", "-f", "status=exited"), ["f-failed", "f-done"]);
  assert.deepEqual(await names("-a", "-f", "exited=3"), ["f-failed"]);
  assert.deepEqual(await names("-a", "-f", "label=tier"), ["f-failed", "f-done", "f-runs"]);
  assert.deepEqual(await names("-a", "-f", "label=tier=db", "-f", "exited=0"), ["f-done"]);
  assert.deepEqual(await names("-a", "-f", "name=^/?f-[dm]"), ["f-made", "f-done"]);
  assert.deepEqual(await names("-a", "-f", "ancestor=busybox", "-f", "status=running"), ["f-runs"]);
  assert.deepEqual(await names("-a", "-f", "before=f-done"), ["f-runs"]);
  assert.deepEqual(await names("-a", "-f", "since=f-done"), ["f-made", "f-failed"]);
  assert.deepEqual(await names("-l"), ["f-made"]);
  assert.deepEqual(await names("-n", "2"), ["f-made", "f-failed"]);
  const row = JSON.parse(await box.ok("ps", "--format", "json"));
  assert.deepEqual([row.Names, row.State, row.Labels, row.Image], ["f-runs", "running", "tier=web", "busybox"]);
  assert.equal(await box.ok("ps", "--format", "table {{.Names}}\t{{.Image}}"), "NAMES     IMAGE\nf-runs    busybox");
  assert.match(await box.ok("ps", "-s", "--format", "{{.Size}}"), /^0B \(virtual [\d.]+MB\)$/);
});

test("inspect gives docker's JSON for containers and images, several at once", async (box) => {
  const id = await box.ok("run", "-d", "--name", "known", "--hostname", "h", "-m", "32m", "busybox", "sleep", "1000");
  const [container, image] = JSON.parse(await box.ok("inspect", "known", "busybox"));
  assert.deepEqual([container.Id, container.Name, container.Path, container.Args], [id, "/known", "sleep", ["1000"]]);
  assert.deepEqual([container.State.Status, container.State.Running, container.RestartCount], ["running", true, 0]);
  assert.deepEqual([container.Config.Hostname, container.HostConfig.Memory], ["h", 32 << 20]);
  assert.equal(container.Image, image.Id);
  assert.deepEqual([image.RepoTags, image.Os], [["busybox:latest"], "linux"]);
  for (const path of [container.ResolvConfPath, container.HostnamePath, container.HostsPath]) Deno.statSync(path);
  const { code, stdout, stderr } = await box.sauropod(["inspect", "-f", "{{.Id}}", "known", "nothing-like-it"]);
  assert.deepEqual([code, stdout], [1, `${id}\n`]);
  assert.match(stderr, /no such object: nothing-like-it/i);
  assert.equal(await box.ok("inspect", "--type", "image", "-f", "{{.Os}}", "busybox"), "linux");
  assert.equal((await box.sauropod(["inspect", "--type", "container", "busybox"])).code, 1);
});

test("templates know Go's functions, pipes, ranges and conditions", async (box) => {
  await box.ok("create", "--name", "templated", "-e", "B=2", "-e", "A=1", "-l", "x=y", "busybox", "echo", "hi");
  const rows = [
    ["{{json .Config.Cmd}}", '["echo","hi"]'],
    ["{{range .Config.Env}}<{{.}}>{{end}}", "<B=2><A=1>"],
    ['{{index .Config.Labels "x"}}', "y"],
    ['{{.Name | printf "%s!"}}', "/templated!"],
    ["{{if .State.Running}}yes{{else}}no{{end}}", "no"],
    ['{{len .Config.Cmd}} {{upper .Name}} {{join .Config.Cmd "-"}}', "2 /TEMPLATED echo-hi"],
    ["{{.HostConfig.RestartPolicy}}", "{no 0}"],
  ] as const;
  for (const [template, expected] of rows) assert.equal(await box.inspect("templated", template), expected, template);
});

test("info and version tell of the engine and the machine", async (box) => {
  const info = JSON.parse(await box.ok("info", "--format", "json"));
  assert.equal(info.NCPU, navigator.hardwareConcurrency);
  assert.equal(info.OSType, "linux");
  assert.equal(info.DockerRootDir, `${box.folder}/root`);
  assert.equal(info.KernelVersion, Deno.osRelease());
  assert.ok(info.Containers >= info.ContainersRunning);
  assert.match(await Deno.readTextFile(`/proc/${info.EnginePid}/cmdline`), /engine/);
  assert.match(await box.ok("info"), /^ ?Server:\n(.|\n)* Kernel Version: /m);
  const version = JSON.parse(await box.ok("version", "-f", "json"));
  assert.deepEqual([version.Server.ApiVersion, version.Server.MinAPIVersion], ["1.47", "1.24"]);
  assert.equal(await box.ok("--version"), `Sauropod version ${version.Client.Version}`);
});

test("events tells a container's whole life, in order, past and live", async (box) => {
  const [command = "", ...args] = [...program, "events", "--filter", "container=lived", "--format", "{{.Action}}"];
  const child = new Deno.Command(command, { args, env: { ...box.env }, stdout: "piped", stderr: "inherit" }).spawn();
  let live = "";
  const reading = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) live += text;
  })();
  const since = String(Date.now() / 1000 - 1);
  await until("events are heard", async () => { // the subscription comes some time after the process
    await box.ok("create", "--name", "lived", "busybox");
    await box.ok("rm", "lived");
    return live.includes("destroy");
  });
  await box.ok("run", "-d", "--name", "lived", "busybox", "sleep", "1000");
  await box.ok("pause", "lived");
  await box.ok("unpause", "lived");
  await box.ok("exec", "lived", "true");
  await box.ok("kill", "lived");
  await box.ok("rm", "lived");
  const life = [
    "create",
    "start",
    "pause",
    "unpause",
    "exec_create: true",
    "exec_start: true",
    "exec_die",
    "kill",
    "die",
    "destroy",
  ];
  await until("all is told", () => live.trimEnd().endsWith(life.slice(-3).join("\n")));
  child.kill("SIGTERM");
  await child.status;
  await reading;
  assert.deepEqual(live.trimEnd().split("\n").slice(-life.length), life);
  const past = await box.ok(
    "events",
    "--since",
    since,
    "--until",
    "0s",
    "-f",
    "container=lived",
    "-f",
    "event=die",
    "--format",
    "{{json .Actor.Attributes}}",
  );
  assert.deepEqual(JSON.parse(past), { exitCode: "137", image: "busybox", name: "lived" });
  const line = await box.ok(
    "events",
    "--since",
    since,
    "--until",
    "0s",
    "-f",
    "event=destroy",
    "-f",
    "container=lived",
  );
  assert.match(
    line.split("\n").at(-1) ?? "",
    /^\d{4}-\d\d-\d\dT\S+ container destroy [0-9a-f]{64} \(image=busybox, name=lived\)$/,
  );
});

test("stats agrees with the kernel's own figures", async (box) => {
  const script = "dd if=/dev/zero of=/dev/shm/x bs=1M count=20 2> /dev/null; sleep 1000";
  await box.ok("run", "-d", "--name", "measured", "-m", "64m", "busybox", "sh", "-c", script);
  const format = "{{.MemUsage}} {{.MemPerc}} {{.PIDs}} {{.Name}} {{.CPUPerc}}";
  await until("memory is used", async () => {
    const [, used, percent] = /^([\d.]+)MiB \/ 64MiB ([\d.]+)% 1 measured [\d.]+%$/.exec(
      await box.ok("stats", "--no-stream", "--format", format, "measured"),
    ) ?? [];
    return Number(used) >= 20 && Number(used) < 24 && Math.abs(Number(percent) - Number(used) / 0.64) < 0.1;
  });
  await box.ok("run", "-d", "--name", "busy", "--cpus", "0.5", "busybox", "sh", "-c", "while :; do :; done");
  const percent = parseFloat(await box.ok("stats", "--no-stream", "--format", "{{.CPUPerc}}", "busy"));
  assert.ok(percent > 20 && percent < 65, `${percent} %`);
  await box.ok("rm", "-f", "busy", "measured");
});

test("history shows layers, newest first", async (box) => {
  const [title = "", row = ""] = (await box.ok("history", "busybox")).split("\n");
  assert.deepEqual(title.split(/ {2,}/), ["IMAGE", "CREATED", "CREATED BY", "SIZE", "COMMENT"]);
  assert.match(row, /^[0-9a-f]{12} .*MB/);
});

test("system df counts images, containers and volumes", async (box) => {
  const rows = (await box.ok("system", "df")).split("\n").map((line) => line.split(/ {2,}/)[0]);
  assert.deepEqual(rows, ["TYPE", "Images", "Containers", "Local Volumes"]);
});
