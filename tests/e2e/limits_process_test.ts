/** What a process may and gets that no control group counts: devices, ulimits, sysctls, file systems, users. */
import assert from "node:assert/strict";
import { SharedSandbox } from "../support/shared_sandbox.ts";
import { pidOf, startSleeper } from "../support/containers.ts";
import type { Sandbox } from "../support/sandbox.ts";

const sandbox = new SharedSandbox();
const test = sandbox.test.bind(sandbox);

/** What a script prints in a container with these flags; errors come with it. */
async function prints(box: Sandbox, flags: readonly string[], script: string): Promise<string> {
  const { stdout, stderr } = await box.sauropod([
    "run",
    "--rm",
    ...flags,
    "busybox",
    "sh",
    "-c",
    `exec 2>&1; ${script}`,
  ]);
  assert.equal(stderr, "");
  return stdout.trim();
}

/** A run that must be refused. */
async function refused(box: Sandbox, ...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await box.sauropod(["run", "--rm", ...flags, "busybox", "true"]);
  assert.deepEqual([code, stdout], [125, ""], stderr);
  return stderr;
}

test("devices: none but the six, and those of --device with the rights that were given", async (box) => {
  const standard = "null zero full random urandom tty console ptmx pts shm mqueue fd stdin stdout stderr core";
  assert.deepEqual(
    (await prints(box, [], "ls /dev")).split(/\s+/).sort(),
    [
      ...standard.split(" ").filter((name) => name !== "console"),
    ].sort(),
  );
  const open = (mode: string) => `true ${mode} /dev/k && echo may || echo may not`;
  assert.equal(await prints(box, ["--device", "/dev/kmsg:/dev/k"], open(">")), "may");
  assert.match(
    await prints(box, ["--device", "/dev/kmsg:/dev/k:r"], open(">")),
    /Operation not permitted\n*may not|may not/,
  );
  assert.match(await prints(box, ["--device", "/dev/kmsg:/dev/k:m"], open("<")), /may not/);
  assert.match(await refused(box, "--device", "/dev/no-such-device"), /no such file or directory/);
  assert.match(await refused(box, "--device", "/etc/passwd"), /not a device node/);
});

test("a node that the container makes for itself is of no use, unless --device-cgroup-rule says so", async (box) => {
  const script = "mknod /k c 1 11 && { true > /k && echo may || echo may not; }";
  assert.match(await prints(box, [], script), /Operation not permitted\nmay not|may not$/);
  assert.equal(await prints(box, ["--device-cgroup-rule", "c 1:11 rw"], script), "may");
  assert.match(await prints(box, ["--device-cgroup-rule", "c 1:11 r"], script), /may not$/);
  assert.equal(await prints(box, ["--device-cgroup-rule", "c *:* rwm"], script), "may");
});

test("--device with a folder gives all nodes below it", async (box) => {
  assert.match(await prints(box, ["--device", "/dev/net"], "ls -l /dev/net"), /^crw.* 10, +200 .* tun$/m);
}, { path: "/dev/net/tun" });

test("--privileged: all devices of the host, all capabilities, /sys and /proc/sys writable", async (box) => {
  const script = "ls /dev/kmsg; true > /dev/kmsg && echo device; touch /proc/sys/kernel/hostname && echo proc; " +
    "grep -c ' /sys sysfs rw' /proc/mounts; grep Seccomp: /proc/self/status";
  assert.deepEqual((await prints(box, ["--privileged"], script)).split("\n"), [
    "/dev/kmsg",
    "device",
    "proc",
    "1",
    "Seccomp:\t0",
  ]);
});

test("--ulimit sets soft and hard limit", async (box) => {
  const flags = ["--ulimit", "nofile=100:200", "--ulimit", "nproc=50", "--ulimit", "core=0"];
  const script = "grep -E 'open files|processes|core file' /proc/self/limits | tr -s ' '";
  const limits = ["Max core file size 0 0 bytes", "Max processes 50 50 processes", "Max open files 100 200 files"];
  assert.deepEqual((await prints(box, flags, script)).split(" \n").map((line) => line.trim()), limits);
  await startSleeper(box, "limited", "--ulimit", "nofile=100:200");
  assert.equal(await box.ok("exec", "limited", "sh", "-c", "ulimit -n; ulimit -Hn"), "100\n200");
  await box.ok("rm", "-f", "limited");
});

test("--sysctl sets what belongs to a namespace, and nothing else", async (box) => {
  const flags = ["--sysctl", "net.ipv4.ip_forward=1", "--sysctl", "kernel.msgmax=65000"];
  const script = "cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax";
  assert.equal(await prints(box, flags, script), "1\n65000");
  for (
    const name of [
      "kernel.panic",
      "vm.swappiness",
      "kernel.core_pattern",
      "net/../kernel/panic",
      "kernel.msgmax/../panic",
    ]
  ) {
    assert.match(await refused(box, "--sysctl", `${name}=1`), /sysctl|invalid/, name);
  }
  assert.match(await refused(box, "--network", "host", "--sysctl", "net.ipv4.ip_forward=1"), /net\.ipv4\.ip_forward/);
  assert.match(await refused(box, "--ipc", "host", "--sysctl", "kernel.msgmax=65000"), /kernel\.msgmax/);
});

test("--shm-size and --tmpfs are limits", async (box) => {
  const fill = (folder: string) => `dd if=/dev/zero of=${folder}/f bs=1M count=4; rm -f ${folder}/f`;
  const script = `df -k /dev/shm /t | tr -s ' ' | cut -d' ' -f2; ${fill("/dev/shm")}; ${fill("/t")}`;
  const text = await prints(box, ["--shm-size", "3m", "--tmpfs", "/t:size=2m"], script);
  assert.match(text, /^1K-blocks\n3072\n2048\n/);
  assert.equal(text.match(/No space left on device/g)?.length, 2, text);
  const noexec = "cp /bin/busybox /t && /t/busybox true";
  assert.match(await prints(box, ["--tmpfs", "/t"], noexec), /Permission denied/);
  assert.equal(await prints(box, ["--tmpfs", "/t:exec"], noexec), "");
});

test("--read-only: nothing but /dev, tmpfs and volumes can be written", async (box) => {
  const source = `${box.folder}/writable`;
  await Deno.mkdir(source);
  const script = "for f in /x /etc/x /etc/hosts /etc/resolv.conf /etc/hostname /proc/sys/kernel/hostname /sys/x " +
    "/t/x /v/x /dev/shm/x; do (echo 127.0.0.1 >> $f) 2>/dev/null && echo $f; done; true";
  const flags = ["--read-only", "--tmpfs", "/t", "-v", `${source}:/v`];
  assert.equal(await prints(box, flags, script), "/t/x\n/v/x\n/dev/shm/x");
  const without = ["--tmpfs", "/t", "-v", `${source}:/v`];
  assert.equal(
    await prints(box, without, script),
    "/x\n/etc/x\n/etc/hosts\n/etc/resolv.conf\n/etc/hostname\n/t/x\n/v/x\n/dev/shm/x",
  );
});

test("a bind is read-only with all that is mounted below it", async (box) => {
  const script = "touch /host/x 2>&1; touch /host/proc/sys/kernel/hostname 2>&1; ls -d /host/etc";
  const text = await prints(box, ["-v", "/:/host:ro"], script);
  assert.equal(text.match(/Read-only file system/g)?.length, 2, text);
  assert.match(text, /^\/host\/etc$/m);
}, { kernel: "5.12" });

test("--oom-score-adj, and 0 whatever the engine's own is", async (box) => {
  assert.equal(await prints(box, [], "cat /proc/self/oom_score_adj"), "0");
  assert.equal(await prints(box, ["--oom-score-adj", "300"], "cat /proc/self/oom_score_adj"), "300");
  const engine = await box.enginePid();
  const before = Deno.readTextFileSync(`/proc/${engine}/oom_score_adj`);
  try {
    Deno.writeTextFileSync(`/proc/${engine}/oom_score_adj`, "500");
    assert.equal(await prints(box, [], "cat /proc/self/oom_score_adj"), "0");
    await startSleeper(box, "scored", "--oom-score-adj", "200");
    assert.equal(await box.ok("exec", "scored", "cat", "/proc/self/oom_score_adj"), "200");
    assert.equal(Deno.readTextFileSync(`/proc/${await pidOf(box, "scored")}/oom_score_adj`).trim(), "200");
    await box.ok("rm", "-f", "scored");
  } finally {
    Deno.writeTextFileSync(`/proc/${engine}/oom_score_adj`, before);
  }
  assert.match(await refused(box, "--oom-score-adj", "1001"), /range for oom score adj is \[-1000, 1000\]/);
});

const users: readonly { user: string; id: string }[] = [
  { user: "", id: "uid=0(root) gid=0(root) groups=0(root),10(wheel)" },
  { user: "root", id: "uid=0(root) gid=0(root) groups=0(root),10(wheel)" },
  { user: "operator", id: "uid=37(operator) gid=37(operator) groups=37(operator)" },
  { user: "37", id: "uid=37(operator) gid=37(operator) groups=37(operator)" },
  { user: "1234", id: "uid=1234 gid=0(root) groups=0(root)" },
  { user: "1234:33", id: "uid=1234 gid=33(www-data) groups=33(www-data)" },
  { user: "www-data:adm", id: "uid=33(www-data) gid=4(adm) groups=4(adm)" },
  { user: "0:1234", id: "uid=0(root) gid=1234 groups=1234" },
  { user: "2147483646", id: "uid=2147483646 gid=0(root) groups=0(root)" },
];

for (const { user, id } of users) {
  test(`-u '${user}' is ${id}`, async (box) => {
    assert.equal(await prints(box, user === "" ? [] : ["-u", user], "id"), id);
  });
}

for (const user of ["2147483647", "4294967295", "4294967296", "-1", "+0", "nobody-here", "0:4294967296", "a:b:c"]) {
  test(`-u ${user} is refused`, async (box) => {
    await refused(box, "-u", user);
    await startSleeper(box, "refuses");
    const { code, stdout } = await box.sauropod(["exec", "-u", user, "refuses", "id"]);
    await box.ok("rm", "-f", "refuses");
    assert.doesNotMatch(stdout, /uid=/);
    assert.notEqual(code, 0);
  });
}

test("--group-add adds groups by name and number, for exec, too", async (box) => {
  const flags = ["--group-add", "staff", "--group-add", "777", "-u", "operator"];
  assert.equal(await prints(box, flags, "id -G"), "37 50 777");
  await startSleeper(box, "grouped", ...flags);
  assert.equal(await box.ok("exec", "grouped", "id", "-G"), "37 50 777");
  assert.equal(await box.ok("exec", "-u", "0", "grouped", "id", "-G"), "0 10 50 777");
  await box.ok("rm", "-f", "grouped");
  assert.match(await refused(box, "--group-add", "nowhere"), /unable to find group nowhere/i);
});
