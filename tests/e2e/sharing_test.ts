/** Shared memory, IPC and networks between containers. */
import assert from "node:assert/strict";
import { SharedSandbox } from "../support/shared_sandbox.ts";
import { mountsOf, pidOf, startSleeper } from "../support/containers.ts";

const sandbox = new SharedSandbox();
const test = sandbox.test.bind(sandbox);

const shm = (pid: number, name: string) => `/proc/${pid}/root/dev/shm/${name}`;

test("--ipc container:x shares the /dev/shm of x, both ways, and its limit", async (box) => {
  await startSleeper(box, "lender", "--ipc", "shareable", "--shm-size", "8m");
  await startSleeper(box, "borrower", "--ipc", "container:lender", "--shm-size", "16m");
  const [lender, borrower] = [await pidOf(box, "lender"), await pidOf(box, "borrower")];
  await box.ok("exec", "lender", "sh", "-c", "echo from the lender > /dev/shm/a");
  await box.ok("exec", "borrower", "sh", "-c", "echo from the borrower > /dev/shm/b");
  assert.equal(await box.ok("exec", "borrower", "cat", "/dev/shm/a"), "from the lender");
  assert.equal(Deno.readTextFileSync(shm(lender, "b")), "from the borrower\n");
  assert.equal(Deno.statSync(shm(lender, "")).dev, Deno.statSync(shm(borrower, "")).dev);
  assert.match(await box.ok("exec", "borrower", "df", "-k", "/dev/shm"), /\s8192\s/);
  // The borrower is not in the mount namespace that it has visited.
  assert.notEqual(Deno.readLinkSync(`/proc/${borrower}/ns/mnt`), Deno.readLinkSync(`/proc/${lender}/ns/mnt`));
  await box.ok("rm", "-f", "lender");
  assert.equal(await box.ok("exec", "borrower", "cat", "/dev/shm/b"), "from the borrower");
  await box.ok("rm", "-f", "borrower");
});

test("a mount on the borrowed /dev/shm is not seen by the lender", async (box) => {
  await startSleeper(box, "quiet-lender", "--ipc", "shareable");
  const name = "quiet-borrower";
  await startSleeper(box, name, "--ipc", "container:quiet-lender", "--privileged");
  await box.ok("exec", "--privileged", name, "sh", "-c", "mkdir /dev/shm/m && mount -t tmpfs none /dev/shm/m");
  await box.ok("exec", name, "touch", "/dev/shm/m/hidden");
  assert.equal(await box.ok("exec", "quiet-lender", "ls", "/dev/shm/m"), "");
  await box.ok("rm", "-f", "quiet-lender", name);
});

test("--ipc host binds the host's /dev/shm; mounts on it stay in the container", async (box) => {
  const name = `sauropod-test-${crypto.randomUUID()}`;
  const before = mountsOf(box);
  try {
    const script = `mkdir /dev/shm/${name} && touch /dev/shm/${name}/file && mount -t tmpfs none /dev/shm/${name}; cat`;
    await box.ok(
      "run",
      "-d",
      "-i",
      "--name",
      "host-ipc",
      "--privileged",
      "--ipc",
      "host",
      "busybox",
      "sh",
      "-c",
      script,
    );
    const inside = await box.ok("exec", "host-ipc", "cat", "/proc/self/mountinfo");
    assert.match(inside, new RegExp(` /dev/shm/${name} `));
    assert.ok(Deno.statSync(`/dev/shm/${name}/file`).isFile);
    assert.deepEqual(mountsOf(box), before);
  } finally {
    await box.ok("rm", "-f", "host-ipc");
    await Deno.remove(`/dev/shm/${name}`, { recursive: true });
  }
}, { path: "/dev/shm" });

test("--ipc none: there is no /dev/shm", async (box) => {
  const { stdout } = await box.sauropod(["run", "--rm", "--ipc", "none", "busybox", "sh", "-c", "ls /dev"]);
  assert.doesNotMatch(stdout, /^shm$/m);
  assert.match(stdout, /^null$/m);
});

for (const mode of ["private", "none"]) {
  test(`a container with --ipc ${mode} lends to nobody`, async (box) => {
    await startSleeper(box, `keeps-${mode}`, "--ipc", mode);
    const { code, stderr } = await box.sauropod([
      ...["run", "--rm", "--ipc", `container:keeps-${mode}`, "busybox", "true"],
    ]);
    assert.equal(code, 125);
    assert.match(stderr, /non-shareable IPC \(hint: use IpcMode:shareable for the donor container\)/);
    await box.ok("rm", "-f", `keeps-${mode}`);
  });
}

test("what does not run lends nothing, what is not there neither", async (box) => {
  await box.ok("create", "--name", "asleep", "--ipc", "shareable", "busybox", "true");
  for (const [flag, kind] of [["--pid", "pid"], ["--ipc", "ipc"], ["--network", "net"]] as const) {
    const { code, stderr } = await box.sauropod(["run", "--rm", flag, "container:asleep", "busybox", "true"]);
    assert.equal(code, 125);
    assert.match(stderr, new RegExp(`cannot join ${kind} namespace of a non running container`));
    const absent = await box.sauropod(["run", "--rm", flag, "container:nobody", "busybox", "true"]);
    assert.equal(absent.code, 125);
    assert.match(absent.stderr, /No such container: nobody/);
  }
  await box.ok("rm", "asleep");
});

test("a shared network has one set of hosts, hostname and resolv.conf, also over two", async (box) => {
  await startSleeper(box, "first", "--hostname", "first.example");
  await startSleeper(box, "second", "--network", "container:first");
  const text = await box.ok("run", "--rm", "--network", "container:second", "busybox", "cat", "/etc/hostname");
  assert.equal(text, "first.example");
  await box.ok("rm", "-f", "first", "second");
});

test("a container that joined the PID namespace of x ends with x", async (box) => {
  await startSleeper(box, "host-of-pids");
  await startSleeper(box, "guest", "--pid", "container:host-of-pids");
  assert.match(await box.ok("exec", "host-of-pids", "ps", "-o", "args"), /sleep 1000[^]*sleep 1000/);
  await box.ok("rm", "-f", "host-of-pids");
  assert.equal(await box.ok("wait", "guest"), "137");
  await box.ok("rm", "guest");
});

test("a container that shares with one that is paused can be started and ended", async (box) => {
  await startSleeper(box, "paused", "--ipc", "shareable");
  await box.ok("pause", "paused");
  await startSleeper(box, "awake", "--ipc", "container:paused", "--pid", "container:paused");
  await box.ok("rm", "-f", "awake", "paused");
});
