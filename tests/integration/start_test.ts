/** Real containers from a folder with busybox: what is inside, and how they end. */
import assert from "node:assert/strict";
import { capabilitySets } from "../../runtime/capabilities.ts";
import { compileSeccomp } from "../../runtime/seccomp/compile.ts";
import { StartError } from "../../runtime/start/start.ts";
import { MS } from "../../sys/mount_flags.ts";
import { requires } from "../support/requires.ts";
import { linesOf, PATH, Place, plainSpec, runContainer, Running } from "../support/started.ts";

const needs = requires({ root: true, command: "busybox", kernel: "5.12" });
const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ...needs, fn });

test("a command runs as PID 1 with its host name, and its exit code is in the record", async () => {
  const { stdout, exitCode, record } = await runContainer({
    process: { args: ["sh", "-c", "echo $$; hostname; exit 7"] },
  });
  assert.deepEqual([stdout, exitCode], ["1\nbox\n", 7]);
  assert.ok(Math.abs(Number(record.end?.finishedAt ?? 0n) / 1e6 - Date.now()) < 60_000);
});

test("the record of a command that a signal ended says which", async () => {
  const { record } = await runContainer({ init: true, process: { args: ["sh", "-c", "kill -9 $$"] } });
  assert.equal(record.end?.exitCode, 137);
});

test("nothing but 0, 1 and 2 is open in the command", async () => {
  // 3 is the folder that ls itself reads
  assert.deepEqual(await linesOf("exec ls /proc/self/fd"), ["0", "1", "2", "3"]);
});

test("the process has docker's capabilities, no inheritable and no ambient ones, and no signal is blocked", async () => {
  const { stdout: status } = await runContainer({ process: { args: ["cat", "/proc/self/status"] } });
  for (const set of ["CapPrm", "CapEff", "CapBnd"]) assert.match(status, new RegExp(`${set}:\\t00000000a80425fb`));
  for (const set of ["CapInh", "CapAmb", "SigBlk", "SigIgn"]) assert.match(status, new RegExp(`${set}:\\t0{16}`));
  assert.match(status, /NoNewPrivs:\t0/);
  assert.match(status, /Umask:\t0022/);
});

test("a user has ids and groups, but no capabilities, and no way back", async () => {
  const status = (await linesOf("cat /proc/self/status", {
    process: { user: { uid: 1000, gid: 1001, groups: [1001, 5] }, noNewPrivileges: true },
  })).join("\n");
  assert.match(status, /Uid:\t1000\t1000\t1000\t1000/);
  assert.match(status, /Gid:\t1001\t1001\t1001\t1001/);
  assert.match(status, /Groups:\t5 1001/);
  assert.match(status, /CapPrm:\t0{16}/);
  assert.match(status, /CapEff:\t0{16}/);
  assert.match(status, /CapBnd:\t00000000a80425fb/);
  assert.match(status, /NoNewPrivs:\t1/);
});

test("mounts are docker's, and the host's are gone", async () => {
  const mounts = (await linesOf("cat /proc/self/mounts")).map((line) => line.split(" ").slice(0, 4).join(" "));
  const paths = mounts.map((line) => line.split(" ")[1]);
  const has = (pattern: RegExp) =>
    assert.ok(mounts.some((line) => pattern.test(line)), `${pattern}\n${mounts.join("\n")}`);
  has(/^overlay \/ overlay rw/);
  has(/^proc \/proc proc rw,nosuid,nodev,noexec/);
  has(/^tmpfs \/dev tmpfs rw,nosuid,size=65536k,mode=755/);
  has(/^devpts \/dev\/pts devpts rw,nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=666/);
  has(/^shm \/dev\/shm tmpfs rw,nosuid,nodev,noexec,relatime,size=65536k/);
  has(/^mqueue \/dev\/mqueue mqueue/);
  has(/^sysfs \/sys sysfs ro,nosuid,nodev,noexec/);
  has(/^proc \/proc\/sys proc ro/);
  has(/^tmpfs \/sys\/firmware tmpfs ro/);
  assert.deepEqual(paths.filter((path) => !/^\/($|proc|sys|dev)/.test(path ?? "")), []);
});

test("masked files read as empty, masked folders are empty, and nothing is left of the mask's folder", async () => {
  assert.deepEqual(await linesOf("wc -c < /proc/timer_list; ls /sys/firmware; ls -A /dev | grep masked; true"), ["0"]);
});

test("read-only paths refuse a write, and so does a read-only root", async () => {
  const script = "echo 1 > /proc/sys/kernel/domainname; touch /x; touch /dev/shm/ok && echo ok";
  const { stdout, stderr } = await runContainer({ root: { readonly: true }, process: { args: ["sh", "-c", script] } });
  assert.equal(stdout, "ok\n");
  assert.equal(stderr.match(/Read-only file system/g)?.length, 2, stderr);
});

test("without a read-only root what is written lands in the upper folder", async () => {
  using place = new Place();
  await using running = await Running.start(await plainSpec(place, { process: { args: ["touch", "/new"] } }), place);
  assert.equal((await running.end()).exitCode, 0);
  assert.ok(Deno.statSync(`${place.upper}/new`).isFile);
});

test("devices are there and work, /dev/ptmx included", async () => {
  const script =
    "head -c 3 /dev/zero | wc -c; head -c 3 /dev/urandom | wc -c; echo x > /dev/null; readlink /dev/ptmx; readlink /dev/fd";
  assert.deepEqual(await linesOf(script), ["3", "3", "pts/ptmx", "/proc/self/fd"]);
});

test("lo is up and the only interface", async () => {
  assert.deepEqual(
    await linesOf("ls /sys/class/net; cat /sys/class/net/lo/flags; ping -c 1 -w 1 127.0.0.1 > /dev/null; echo $?"),
    [
      "lo",
      "0x9",
      "0",
    ],
  );
});

test("sysctls, limits and the OOM score are set", async () => {
  const lines = await linesOf("cat /proc/sys/net/ipv4/ip_forward /proc/self/oom_score_adj; ulimit -n; ulimit -Hn", {
    sysctls: { "net/ipv4/ip_forward": "1" },
    process: { oomScoreAdj: 123, rlimits: [{ resource: 7, soft: 77n, hard: 99n }] },
  });
  assert.deepEqual(lines, ["1", "123", "77", "99"]);
});

test("the PATH is searched in order, and what cannot be executed is passed over", async () => {
  const env = ["PATH=/no/such:/etc:/bin"];
  assert.equal((await runContainer({ process: { args: ["passwd", "--help"], env } })).stdout.length, 0);
  assert.equal((await runContainer({ process: { args: ["echo", "a", "b c"], env } })).stdout, "a b c\n");
});

const refusals = [
  { name: "not in PATH", args: ["foo"], exitCode: 127, message: /exec: "foo": executable file not found in \$PATH/ },
  {
    name: "no such path",
    args: ["/foo"],
    exitCode: 127,
    message: /exec: "\/foo": stat \/foo: no such file or directory/,
  },
  { name: "not executable", args: ["/etc/passwd"], exitCode: 126, message: /exec: "\/etc\/passwd": permission denied/ },
  { name: "a folder", args: ["/etc"], exitCode: 126, message: /exec: "\/etc": permission denied/ },
  { name: "empty", args: [""], exitCode: 127, message: /executable file not found/ },
];
for (const { name, args, exitCode, message } of refusals) {
  test(`a command that is ${name} fails the start with docker's sentence and ${exitCode}`, async () => {
    const error = await runContainer({ process: { args } }).then(() => undefined, (error) => error);
    assert.ok(error instanceof StartError);
    assert.match(error.message, message);
    assert.equal(error.exitCode, exitCode);
  });
}

test("the working directory is made where it is missing, and a file is refused by name", async () => {
  assert.deepEqual(await linesOf("pwd", { process: { cwd: "/a/b/c" } }), ["/a/b/c"]);
  await assert.rejects(runContainer({ process: { cwd: "/etc/passwd" } }), {
    message: /chdir to cwd \("\/etc\/passwd"\) set in config.json failed: not a directory/,
  });
});

test("a user may start in a folder that is closed to him, as with docker", async () => {
  const user = { uid: 1000, gid: 1000, groups: [1000] };
  assert.deepEqual(await linesOf("pwd", { process: { cwd: "/root", user } }), ["/root"]);
});

test("a missing mount source is named, and nothing is left running", async () => {
  const mounts = [{
    kind: "bind",
    source: "/no/such",
    target: "/x",
    directory: true,
    readonly: false,
    recursive: true,
  }] as const;
  await assert.rejects(runContainer({ mounts }), {
    message: "open the mount source /no/such: ENOENT, no such file or directory",
  });
});

test("binds, read-only ones, files and tmpfs are where they were asked for, whatever lies there", async () => {
  using source = new Place();
  Deno.writeTextFileSync(`${source.folder}/file`, "content\n");
  const bind = (target: string, readonly: boolean, directory = true) => ({
    kind: "bind" as const,
    source: directory ? source.folder : `${source.folder}/file`,
    target,
    directory,
    readonly,
    recursive: true,
  });
  const script =
    "cat /rw/file /ro/deep/file /etc/hosts; echo w > /rw/new; echo w > /ro/deep/new; stat -c %a /t; touch /t/x; cat /ro/deep/new";
  const { stdout, stderr } = await runContainer({
    mounts: [
      bind("/rw", false),
      bind("/ro/deep", true),
      bind("/etc/hosts", false, false),
      { kind: "tmpfs", target: "/t", flags: MS.NOSUID, data: "mode=1777" },
    ],
    process: { args: ["sh", "-c", script] },
  });
  assert.equal(stdout, "content\ncontent\ncontent\n1777\nw\n");
  assert.match(stderr, /can't create \/ro\/deep\/new: Read-only file system/);
});

test("a kernel without mount_setattr and CLOSE_RANGE_CLOEXEC gets the same result by older calls", async () => {
  using source = new Place();
  const mounts = [{
    kind: "bind",
    source: source.folder,
    target: "/ro",
    directory: true,
    readonly: true,
    recursive: true,
  }] as const;
  using place = new Place();
  const script = "touch /ro/x 2>&1; touch /proc/sys/x 2>&1; ls /proc/self/fd | wc -l";
  const spec = await plainSpec(place, { mounts, process: { args: ["sh", "-c", script] } });
  await using running = await Running.start(spec, place, {}, "5.10.0");
  const { stdout } = await running.end();
  assert.match(stdout, /\/ro\/x: Read-only file system\n.*\/proc\/sys\/x: .*\n4\n$/);
});

test("mounts of the container do not show on the host, nor the host's later ones in it", async () => {
  const before = Deno.readTextFileSync("/proc/self/mountinfo");
  using source = new Place();
  using place = new Place();
  const mounts = [{
    kind: "bind",
    source: source.folder,
    target: "/m",
    directory: true,
    readonly: false,
    recursive: true,
  }] as const;
  const spec = await plainSpec(place, { mounts, process: { args: ["cat"] } });
  await using running = await Running.start(spec, place, { stdin: true });
  assert.equal(Deno.readTextFileSync("/proc/self/mountinfo"), before);
  const inside = Deno.readTextFileSync(`/proc/${running.started.pid}/mountinfo`);
  assert.match(inside, / \/m rw/);
  assert.doesNotMatch(inside, /shared:|master:/);
});

test("a slave bind hears of the host's mounts", async () => {
  using source = new Place();
  using place = new Place();
  const mounts = [
    {
      kind: "bind",
      source: "/",
      target: "/host",
      directory: true,
      readonly: true,
      recursive: true,
      propagation: "rslave",
    },
  ] as const;
  const spec = await plainSpec(place, { mounts, process: { args: ["cat"] } });
  await using running = await Running.start(spec, place, { stdin: true });
  const root = Deno.readTextFileSync("/proc/self/mountinfo").split("\n").find((line) => line.split(" ")[4] === "/");
  const host = Deno.readTextFileSync(`/proc/${running.started.pid}/mountinfo`).split("\n").find((l) =>
    l.includes(" /host ")
  );
  // Where the host's root is shared the copy is its slave.
  assert.equal(/master:/.test(host ?? ""), /shared:/.test(root ?? ""));
  void source;
});

test("stdin goes to the process, and ends when the engine closes its end and says so", async () => {
  using place = new Place();
  await using running = await Running.start(await plainSpec(place, { process: { args: ["cat"] } }), place, {
    stdin: true,
  });
  running.write("through\n");
  running.closeStdin();
  const { stdout, exitCode } = await running.end();
  assert.deepEqual([stdout, exitCode], ["through\n", 0]);
});

test("a terminal is 0, 1 and 2, the controlling one, and /dev/console", async () => {
  const { stdout } = await runContainer({
    process: {
      args: [
        "sh",
        "-c",
        "tty; ls -1 /dev/pts; stat -c %t /dev/console; test -t 0 -a -t 2 && echo < /dev/tty; ps -o tty | tail -1",
      ],
      terminal: true,
    },
  });
  assert.deepEqual(stdout.split("\r\n").slice(0, 3), ["/dev/pts/0", "0", "ptmx"]);
  assert.match(stdout, /88\r\n/); // major 136
  assert.match(stdout, /136,0/);
});

test("a seccomp filter is installed with and without new privileges", async () => {
  const seccomp = compileSeccomp(
    {
      defaultAction: "SCMP_ACT_ALLOW",
      syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 30 }],
    },
    { arch: Deno.build.arch, capabilities: 0n, kernel: { major: 6, minor: 0 } },
  );
  const user = { uid: 1000, gid: 1000, groups: [1000] };
  for (
    const [noNewPrivileges, who, effective] of [[false, {}, "a80425fb"], [true, {}, "a80425fb"], [
      false,
      { user },
      "0",
    ]] as const
  ) {
    const script = "mkdir /tmp/q; grep -E 'Seccomp:|CapEff' /proc/self/status";
    const { stderr, stdout } = await runContainer({
      process: { args: ["sh", "-c", script], seccomp, noNewPrivileges, ...who },
    });
    assert.match(stderr, /mkdir: can't create directory '\/tmp\/q': Read-only file system/);
    assert.equal(stdout, `CapEff:\t${effective.padStart(16, "0")}\nSeccomp:\t2\n`);
  }
});

test("a privileged container has every capability that was given, and can write to /sys and /proc/sys", async () => {
  const own = /CapPrm:\t([0-9a-f]+)/.exec(Deno.readTextFileSync("/proc/self/status"))?.[1] ?? "";
  const all = BigInt(`0x${own}`);
  const lines = await linesOf(
    "grep CapEff /proc/self/status; grep -E ' /(sys|proc/sys|proc) ' /proc/self/mounts | cut -d' ' -f2,4",
    {
      privileged: true,
      maskedPaths: [],
      readonlyPaths: [],
      process: { capabilities: capabilitySets(all, 0) },
    },
  );
  assert.deepEqual(lines, [
    `CapEff:\t${own}`,
    "/proc rw,nosuid,nodev,noexec,relatime",
    "/sys rw,nosuid,nodev,noexec,relatime",
  ]);
});

test("a host device is bound where it was asked for", async () => {
  const lines = await linesOf("stat -c '%t:%T %a' /dev/sub/mine; head -c 2 /dev/sub/mine | wc -c", {
    devices: [{ source: "/dev/zero", target: "/dev/sub/mine" }],
  });
  assert.deepEqual(lines, ["1:5 666", "2"]);
});

test("the host image is a copy-on-write view of this machine", async () => {
  using place = new Place();
  Deno.mkdirSync(`${place.folder}/layers/1`);
  Deno.writeTextFileSync(`${place.folder}/layers/1/of_the_layer`, "");
  const script =
    `cat /etc/hostname > /dev/null; ls / | grep of_the_layer; echo changed > ${Deno.cwd()}/never; echo > /etc/never`;
  const spec = await plainSpec(place, {
    root: { host: true, lowers: ["1"] },
    process: { args: ["/bin/sh", "-c", script], env: [PATH] },
  });
  await using running = await Running.start(spec, place);
  const { stdout, stderr } = await running.end();
  assert.equal(stdout, "of_the_layer\n", stderr);
  assert.ok(Deno.statSync(`${place.upper}/etc/never`).isFile);
  assert.throws(() => Deno.statSync("/etc/never"));
});

test("the process dies with its keeper", async () => {
  using place = new Place();
  await using running = await Running.start(await plainSpec(place, { process: { args: ["sleep", "1000"] } }), place);
  running.started.keeper.kill();
  for (let i = 0; i < 100; i++) {
    const state = await Deno.readTextFile(`/proc/${running.started.pid}/stat`).catch(() => undefined);
    if (state === undefined || / Z /.test(state)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail("it still runs");
});
