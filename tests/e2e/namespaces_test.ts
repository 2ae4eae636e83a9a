/** Own namespaces and the host's, seen from the host in /proc/PID/ns. */
import assert from "node:assert/strict";
import { SharedSandbox } from "../support/shared_sandbox.ts";
import { until } from "../support/sandbox.ts";
import { KINDS, namespaceOf, pidOf, startSleeper } from "../support/containers.ts";

const sandbox = new SharedSandbox();
const test = sandbox.test.bind(sandbox);

/** The kinds of namespace that two processes have in common. */
const common = (a: number, b: number) => KINDS.filter((kind) => namespaceOf(a, kind) === namespaceOf(b, kind));

test("a container has mount, pid, net, uts, ipc and cgroup namespaces of its own", async (box) => {
  await startSleeper(box, "own-1");
  await startSleeper(box, "own-2");
  const [one, two] = [await pidOf(box, "own-1"), await pidOf(box, "own-2")];
  assert.deepEqual(common(one, Deno.pid), []);
  assert.deepEqual(common(one, two), []);
  assert.equal(namespaceOf(one, "user"), namespaceOf(Deno.pid, "user"));
  await box.ok("rm", "-f", "own-1", "own-2");
});

test("the container sees its own processes from 1, the host sees them, too", async (box) => {
  await startSleeper(box, "seen");
  const inside = (await box.ok("exec", "seen", "ps", "-o", "pid,comm")).split("\n").map((line) => line.trim());
  assert.match(inside.join("\n"), /^PID +COMMAND\n1 +sleep\n\d+ +ps$/);
  assert.deepEqual(Deno.readTextFileSync(`/proc/${await pidOf(box, "seen")}/cmdline`).split("\0"), [
    "sleep",
    "1000",
    "",
  ]);
  await box.ok("rm", "-f", "seen");
});

const shared: readonly { flags: string[]; kinds: string[] }[] = [
  { flags: ["--pid", "host"], kinds: ["pid"] },
  { flags: ["--ipc", "host"], kinds: ["ipc"] },
  { flags: ["--uts", "host"], kinds: ["uts"] },
  { flags: ["--network", "host"], kinds: ["net"] },
  { flags: ["--cgroupns", "host"], kinds: ["cgroup"] },
  {
    flags: ["--pid", "host", "--ipc", "host", "--uts", "host", "--network", "host", "--cgroupns", "host"],
    kinds: ["cgroup", "ipc", "net", "pid", "uts"],
  },
  { flags: ["--ipc", "none"], kinds: [] },
  { flags: ["--ipc", "shareable"], kinds: [] },
  { flags: ["--network", "none"], kinds: [] },
];

for (const { flags, kinds } of shared) {
  test(`${flags.join(" ")}: ${kinds.join(", ") || "none"} in common with the host`, async (box) => {
    const name = `with${flags.join("").replaceAll("-", "_")}`;
    await startSleeper(box, name, ...flags);
    assert.deepEqual(common(await pidOf(box, name), Deno.pid).sort(), kinds);
    await box.ok("rm", "-f", name);
  });
}

test("container:x for pid, ipc and network joins those of x and no others", async (box) => {
  await startSleeper(box, "lender", "--ipc", "shareable");
  const lender = await pidOf(box, "lender");
  for (const [flag, kind] of [["--pid", "pid"], ["--ipc", "ipc"], ["--network", "net"]] as const) {
    await startSleeper(box, `joins-${kind}`, flag, "container:lender");
    const pid = await pidOf(box, `joins-${kind}`);
    assert.deepEqual(common(pid, lender), [kind]);
    assert.deepEqual(common(pid, Deno.pid), []);
    await box.ok("rm", "-f", `joins-${kind}`);
  }
  await box.ok("rm", "-f", "lender");
});

test("exec joins all namespaces of its container", async (box) => {
  await startSleeper(box, "target");
  const script = `for kind in ${KINDS.join(" ")}; do readlink /proc/self/ns/$kind; done`;
  const lines = (await box.ok("exec", "target", "sh", "-c", script)).split("\n");
  const pid = await pidOf(box, "target");
  assert.deepEqual(lines, KINDS.map((kind) => namespaceOf(pid, kind)));
  await box.ok("rm", "-f", "target");
});

test("a container without a network has lo, and that is up", async (box) => {
  const text = await box.ok("run", "--rm", "--network", "none", "busybox", "sh", "-c", "ip addr; cat /proc/net/route");
  assert.match(text, /^1: lo: <LOOPBACK,UP,LOWER_UP>/);
  assert.match(text, /inet 127\.0\.0\.1\/8/);
  assert.doesNotMatch(text, /^2:/m);
});

test("the hostname is the container's own, and with --uts host the host's, which cannot be named anew", async (box) => {
  assert.equal(await box.ok("run", "--rm", "--hostname", "alpha.example", "busybox", "hostname"), "alpha.example");
  assert.equal(await box.ok("run", "--rm", "--uts", "host", "busybox", "hostname"), Deno.hostname());
  const refused = await box.sauropod(["run", "--rm", "--uts", "host", "--hostname", "x", "busybox", "true"]);
  assert.equal(refused.code, 125);
  assert.match(refused.stderr, /conflicting options: hostname and the UTS mode/);
  const denied = await box.sauropod(["run", "--rm", "--uts", "host", "busybox", "hostname", "taken-over"]);
  assert.notEqual(denied.code, 0);
});

test("the control group is / inside, and the hierarchies are read-only", async (box) => {
  const { stdout } = await box.sauropod(["run", "--rm", "busybox", "sh", "-c", CGROUP_SCRIPT]);
  assert.match(stdout, /^paths: \/\n/, stdout);
  assert.match(stdout, /made: 0$/m, stdout);
});

const CGROUP_SCRIPT = `echo paths: $(cut -d: -f3 /proc/self/cgroup | sort -u)
n=0
for folder in /sys/fs/cgroup /sys/fs/cgroup/*/; do mkdir $folder/x 2>/dev/null && n=$((n+1)); done
echo made: $n`;

test("processes of a container in the host's PID namespace end with it", async (box) => {
  await box.ok("run", "-d", "--name", "scattered", "--pid", "host", "busybox", "sh", "-c", "setsid sleep 1234 & wait");
  const pid = await pidOf(box, "scattered");
  const children = () => Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ");
  await until("the child runs", () => children()[0] !== "");
  const [child = ""] = children();
  assert.match(Deno.readTextFileSync(`/proc/${child}/cmdline`), /sleep/);
  await box.ok("rm", "-f", "scattered");
  await until("the child is gone", () => {
    try {
      return !Deno.readTextFileSync(`/proc/${child}/cmdline`).includes("1234");
    } catch {
      return true;
    }
  });
});

test("in the host's PID namespace neither engine nor keeper can be looked into", async (box) => {
  await startSleeper(box, "kept");
  const engine = await box.enginePid();
  const keeper = Number(
    /^PPid:\s+(\d+)$/m.exec(Deno.readTextFileSync(`/proc/${await pidOf(box, "kept")}/status`))?.[1],
  );
  assert.match(Deno.readTextFileSync(`/proc/${keeper}/comm`), /sauropod-keep/);
  for (const pid of [engine, keeper]) {
    const script = `cd /proc/${pid}; readlink fd/* exe cwd; ls root/ cwd/ 2>/dev/null; cat environ`;
    const { stdout, stderr } = await box.sauropod(["run", "--rm", "--pid", "host", "busybox", "sh", "-c", script]);
    assert.equal(stdout, "", stderr);
    assert.match(stderr, /Permission denied/);
  }
  await box.ok("rm", "-f", "kept");
});
