/** Processes that attack the start of others: what is being executed, and the paths that it goes by. */
import assert from "node:assert/strict";
import { attackImage, staticProgram } from "../support/attack_image.ts";
import { mountsOf } from "../support/containers.ts";
import { type Sandbox, until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox({ command: ["busybox", "gcc"] });
const test = sandbox.test.bind(sandbox);

/** More than there is time for: the swapper ends with its container. */
const COUNT = "200000000";

let image: Promise<string> | undefined;

/** busybox with the attackers, and what they exchange. */
function attackers(box: Sandbox): Promise<string> {
  return image ??= attackImage(box, "attackers", async (root) => {
    for (const name of ["swap", "overwrite", "peek"]) {
      await Deno.copyFile(await staticProgram(name), `${root}/bin/${name}`);
    }
    await Deno.writeTextFile(`${root}/bin/self`, "#!/proc/self/exe\n", { mode: 0o755 });
  });
}

for (const flags of [[], ["--cap-add", "SYS_PTRACE"], ["--init", "--cap-add", "SYS_PTRACE"]]) {
  test(`a process cannot write into what executes others, with ${flags.join(" ") || "no flags"}`, async (box) => {
    await box.ok("run", "-d", "--name", "writer", ...flags, await attackers(box), "overwrite", "3");
    for (let i = 0; i < 8; i++) await box.sauropod(["exec", "writer", "true"]);
    await box.ok("wait", "writer");
    const log = await box.ok("logs", "writer");
    assert.match(log, flags.includes("--init") ? /^seen some$/ : /^seen (some|none)$/);
    assert.equal(await box.ok("run", "--rm", "busybox", "echo", "as ever"), "as ever");
    await box.ok("rm", "-f", "writer");
  });
}

test("a process with CAP_SYS_PTRACE finds nothing of the host, and no more rights, in what is executed beside it", async (box) => {
  const secret = `${box.folder}/secret`;
  await Deno.writeTextFile(secret, "of the host alone");
  const image = await attackers(box);
  await box.ok("run", "-d", "--name", "peeker", "--cap-add", "SYS_PTRACE", image, "peek", "5", secret);
  for (const end = Date.now() + 4000; Date.now() < end;) {
    await Promise.all([
      box.sauropod(["exec", "peeker", "true"]),
      box.sauropod(["exec", "-u", "1000", "peeker", "true"]),
    ]);
  }
  await box.ok("wait", "peeker");
  assert.equal(await box.ok("logs", "peeker"), "opened none, cgroups none, rights 0, seen");
  await box.ok("rm", "peeker");
});

test("the same for what joins its PID namespace, but for the right to mount of who mounts /proc", async (box) => {
  const secret = `${box.folder}/secret`;
  await Deno.writeTextFile(secret, "of the host alone");
  const flags = ["--cap-add", "SYS_PTRACE"];
  await box.ok("run", "-d", "--name", "peeker", ...flags, await attackers(box), "peek", "5", secret);
  for (const end = Date.now() + 4000; Date.now() < end;) {
    await box.sauropod(["run", "--rm", "--pid", "container:peeker", ...flags, "busybox", "true"]);
  }
  await box.ok("wait", "peeker");
  assert.match(await box.ok("logs", "peeker"), /^opened none, cgroups none, rights (0|200000), seen$/);
  await box.ok("rm", "peeker");
});

test("a script whose interpreter is /proc/self/exe executes nothing of the host", async (box) => {
  const started = await box.sauropod(["run", "--rm", await attackers(box), "self"]);
  assert.notEqual(started.code, 0);
  await box.ok("run", "-d", "--name", "target", await attackers(box), "sleep", "1000");
  const inside = await box.sauropod(["exec", "target", "self"]);
  assert.notEqual(inside.code, 0);
  assert.equal(await box.inspect("target", "{{.State.Status}}"), "running");
  assert.deepEqual((await box.ok("exec", "target", "ps", "-o", "comm")).split("\n"), ["COMMAND", "sleep", "ps"]);
  await box.ok("rm", "-f", "target");
});

test("an exec into a container that exchanges all that it goes by gets nothing of the host", async (box) => {
  const script = `mkdir /work /tools; ln -s /bin/busybox /tools/pwd; mkfifo /etc/passwd2
    ln -s /proc/self/fd/11 /work2; ln -s /proc/kmsg /etc/group2; ln -s /proc/self /tools2
    exec swap ${COUNT} /work /work2 /etc/passwd /etc/passwd2 /etc/group /etc/group2 /tools /tools2`;
  await box.ok("run", "-d", "--name", "swapper", await attackers(box), "sh", "-c", script);
  const ends = new Set<number>();
  for (let i = 0; i < 12; i++) {
    const flags = ["-w", "/work", "-u", i % 2 === 0 ? "operator" : "0", ...i % 3 === 0 ? ["-t"] : []];
    const result = await box.sauropod(["exec", ...flags, "swapper", "/tools/pwd"], { timeout: 10_000 });
    ends.add(result.code);
    // The folder that it got into may have been given the other name by then; both are the container's.
    if (result.code === 0) assert.match(result.stdout.trim(), /^\/work2?$/);
  }
  assert.ok([...ends].every((code) => [0, 1, 125, 126, 127, 128].includes(code)), [...ends].join(" "));
  // It may still be exchanging, and an exec be refused for it.
  await until("an exec gets through", async () => {
    const { code, stdout } = await box.sauropod(["exec", "swapper", "readlink", "/proc/self/cwd"], { timeout: 10_000 });
    if (code === 0) assert.equal(stdout.trim(), "/");
    return code === 0;
  });
  assert.equal(await box.inspect("swapper", "{{.State.Status}}"), "running");
  await box.ok("rm", "-f", "swapper");
});

test("a terminal of an exec comes from a devpts or not at all, whatever lies at /dev/pts", async (box) => {
  for (
    const [name, script] of [
      ["node", "mknod /fake/ptmx c 5 2"],
      ["zero", "mknod /fake/ptmx c 1 5"],
      ["link", "ln -s /proc/self/fd/0 /fake/ptmx"],
      ["file", "touch /fake/ptmx"],
    ] as const
  ) {
    const source = `${box.folder}/fake-${name}`;
    await Deno.mkdir(source);
    await box.ok("run", "--rm", "-v", `${source}:/fake`, "busybox", "sh", "-c", script);
    await box.ok("run", "-d", "--name", `fake-${name}`, "-v", `${source}:/dev/pts`, "busybox", "sleep", "1000");
    const { code, stdout, stderr } = await box.sauropod(["exec", "-t", `fake-${name}`, "echo", "ran"]);
    assert.notEqual(code, 0, name);
    assert.match(stdout + stderr, /no terminal: \/dev\/pts\/ptmx in the container|ptmx/);
    await box.ok("rm", "-f", `fake-${name}`);
  }
});

test("a start whose mount target another container exchanges never mounts on /proc", async (box) => {
  const volume = `${box.folder}/volume`, source = `${box.folder}/marked`;
  await Deno.mkdir(`${volume}/target`, { recursive: true });
  await Deno.symlink("/proc", `${volume}/link`);
  await Deno.mkdir(source);
  await Deno.writeTextFile(`${source}/mark`, "");
  const swap = ["swap", COUNT, "/vol/target", "/vol/link"];
  await box.ok("run", "-d", "--name", "racer", "-v", `${volume}:/vol`, await attackers(box), ...swap);
  const mounts = mountsOf(box);
  const outcomes = { refused: 0, mounted: 0 };
  const script = "stat -f -c %t /proc; grep -c ' /proc/sys proc ro' /proc/self/mounts; ls /proc/mark 2>/dev/null; true";
  for (let i = 0; i < 30; i++) {
    const flags = ["-v", `${volume}:/vol`, "-v", `${source}:/vol/target`];
    const { code, stdout, stderr } = await box.sauropod(["run", "--rm", ...flags, "busybox", "sh", "-c", script]);
    if (code === 0) {
      outcomes.mounted++;
      assert.equal(stdout, "9fa0\n1\n");
    } else {
      outcomes.refused++;
      assert.equal(code, 125, stderr);
      assert.match(stderr, /leads into \/proc/);
    }
  }
  assert.ok(outcomes.refused > 0, JSON.stringify(outcomes));
  assert.deepEqual(mountsOf(box), mounts);
  await box.ok("rm", "-f", "racer");
});
