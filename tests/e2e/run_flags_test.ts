/** Each flag of `run`, seen from inside the container. */
import assert from "node:assert/strict";
import type { Sandbox } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox();
const test = sandbox.test.bind(sandbox);

/** What a shell prints in a container with these flags. */
async function inside(box: Sandbox, flags: readonly string[], script: string): Promise<string> {
  return await box.ok("run", "--rm", ...flags, "busybox", "sh", "-c", script);
}

/** One row per fact: flags, what is asked inside, what the answer is. */
const facts: readonly (readonly [name: string, flags: string, script: string, answer: string | RegExp])[] = [
  ["the process is PID 1 and sees only its own", "", "echo $$; ps | wc -l", "1\n4"], // a title, sh, ps and wc
  [
    "-e sets variables, PATH is docker's",
    "-e A=1 -e B= --env=C=x=y",
    'echo "$A,$B,$C"; echo $PATH',
    "1,,x=y\n/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  ],
  ["HOME is the user's", "-u www-data", "echo $HOME; id -un", "/var/www\nwww-data"],
  [
    "--hostname and --domainname",
    "--hostname box --domainname example.org",
    "hostname; cat /etc/hostname; cat /proc/sys/kernel/domainname; grep box /etc/hosts | wc -l",
    /^box\n.*box.*\nexample\.org\n/,
  ],
  ["-w is made if it is missing", "-w /a/b", "pwd", "/a/b"],
  ["-u takes numbers that nobody has", "-u 1234:5678", "id -u; id -g; id -G", "1234\n5678\n5678"],
  ["--group-add takes names and numbers", "-u 33 --group-add staff --group-add 777", "id -G", "33 50 777"],
  ["--entrypoint replaces what runs", "--entrypoint echo", "unused", "sh -c unused"],
  [
    "--init puts an init before the command",
    "--init",
    "echo $$ | grep -qx 1 || echo not the first; tr '\\0' ' ' < /proc/1/cmdline | wc -w",
    /^not the first\n/,
  ],
  [
    "--read-only",
    "--read-only",
    "touch /x /etc/hosts 2>&1; touch /dev/shm/x /proc/self/comm && echo these",
    "touch: /x: Read-only file system\ntouch: /etc/hosts: Read-only file system\nthese",
  ],
  [
    "--tmpfs with its options",
    "--tmpfs /scratch:size=1m,mode=700,noexec",
    "grep ' /scratch ' /proc/mounts; stat -c %a /scratch",
    /^tmpfs \/scratch tmpfs rw,nosuid,nodev,noexec,.*size=1024k.*\n700$/,
  ],
  ["--shm-size", "--shm-size 2m", "df -k /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2", "2048"],
  ["the default of /dev/shm is 64 MB", "", "df -k /dev/shm | tail -1 | tr -s ' ' | cut -d' ' -f2", "65536"],
  ["--ulimit", "--ulimit nofile=100:200 --ulimit core=0", "ulimit -Sn; ulimit -Hn; ulimit -c", "100\n200\n0"],
  [
    "--sysctl",
    "--sysctl net.ipv4.ip_forward=1 --sysctl kernel.msgmax=4096",
    "cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax",
    "1\n4096",
  ],
  ["the capabilities are docker's 14", "", "grep CapEff /proc/self/status | tr -d '\\t'", "CapEff:00000000a80425fb"],
  [
    "another user has none effective",
    "-u 1000",
    "grep -E 'Cap(Eff|Prm|Bnd)' /proc/self/status | tr -d '\\t'",
    "CapPrm:0000000000000000\nCapEff:0000000000000000\nCapBnd:00000000a80425fb",
  ],
  [
    "--cap-drop ALL --cap-add",
    "--cap-drop ALL --cap-add NET_ADMIN --cap-add CAP_CHOWN",
    "grep CapEff /proc/self/status | tr -d '\\t'",
    "CapEff:0000000000001001",
  ],
  [
    "--privileged has them all, and no filter",
    "--privileged",
    "grep -c 'CapEff.*0000003\\?\\|CapEff.*1ffffffffff' /proc/self/status; grep -w Seccomp /proc/self/status | tr -d '\\t'",
    /\nSeccomp:0$/,
  ],
  ["a seccomp filter is in place by default", "", "grep -w Seccomp /proc/self/status | tr -d '\\t'", "Seccomp:2"],
  [
    "--security-opt seccomp=unconfined",
    "--security-opt seccomp=unconfined",
    "grep -w Seccomp /proc/self/status | tr -d '\\t'",
    "Seccomp:0",
  ],
  [
    "--security-opt no-new-privileges",
    "--security-opt no-new-privileges",
    "grep NoNewPrivs /proc/self/status | tr -d '\\t'",
    "NoNewPrivs:1",
  ],
  ["paths of the host are masked", "", "wc -c < /proc/interrupts; ls /sys/firmware | wc -l", "0\n0"],
  [
    "/sys and /proc/sys are read-only",
    "",
    "touch /sys/x 2>&1; echo 1 2>/dev/null > /proc/sys/kernel/panic || echo refused",
    /Read-only file system\nrefused/,
  ],
  [
    "--device gives a device of the host",
    "--device /dev/kmsg:/dev/log-of-host:r",
    "stat -c '%t,%T' /dev/log-of-host; ls /dev | grep kmsg || echo none",
    "1,b\nnone",
  ],
  [
    "the devices are docker's",
    "",
    "ls /dev | tr '\\n' ' '",
    "core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero",
  ],
  ["--oom-score-adj", "--oom-score-adj 500", "cat /proc/self/oom_score_adj", "500"],
  [
    "--network none has a loopback interface only",
    "--network none",
    "ls /sys/class/net; ip addr show lo | grep -c 127.0.0.1",
    "lo\n1",
  ],
  ["no descriptor but 0 to 2 comes from us", "", "ls /proc/self/fd | tr '\\n' ' '", "0 1 2 3"], // 3 is the folder that ls reads
  ["/ is an overlay", "", "grep ' / ' /proc/mounts | cut -d' ' -f1,3", "overlay overlay"],
];

for (const [name, flags, script, answer] of facts) {
  test(name, async (box) => {
    const words = flags === "" ? [] : flags.split(" ");
    const printed = await inside(box, words, script);
    if (typeof answer === "string") assert.equal(printed, answer);
    else assert.match(printed, answer);
  });
}

test("each namespace is the container's own, and the host sees its process", async (box) => {
  const id = await box.ok("run", "-d", "busybox", "sleep", "1000");
  const pid = await box.inspect(id, "{{.State.Pid}}");
  assert.equal((await Deno.readTextFile(`/proc/${pid}/comm`)).trim(), "sleep");
  for (const kind of ["mnt", "pid", "net", "uts", "ipc", "cgroup"]) {
    const own = await Deno.readLink(`/proc/${pid}/ns/${kind}`);
    assert.notEqual(own, await Deno.readLink(`/proc/self/ns/${kind}`), kind);
  }
});

test("--pid, --ipc, --uts, --network and --cgroupns host share the host's", async (box) => {
  const flags = ["--pid", "host", "--ipc", "host", "--uts", "host", "--network", "host", "--cgroupns", "host"];
  const id = await box.ok("run", "-d", ...flags, "busybox", "sleep", "1000");
  const pid = await box.inspect(id, "{{.State.Pid}}");
  for (const kind of ["pid", "net", "uts", "ipc", "cgroup"]) {
    assert.equal(await Deno.readLink(`/proc/${pid}/ns/${kind}`), await Deno.readLink(`/proc/self/ns/${kind}`), kind);
  }
  assert.equal(await box.ok("exec", id, "hostname"), Deno.hostname());
});

test("--network, --pid and --ipc container:x share those of another container", async (box) => {
  await box.ok("run", "-d", "--name", "first", "--ipc", "shareable", "--hostname", "one", "busybox", "sleep", "1000");
  const flags = ["--network", "container:first", "--pid", "container:first", "--ipc", "container:first"];
  await box.ok("run", "-d", "--name", "second", ...flags, "busybox", "sleep", "2000");
  const [first, second] = (await box.ok("inspect", "-f", "{{.State.Pid}}", "first", "second")).split("\n");
  for (const kind of ["net", "pid", "ipc"]) {
    assert.equal(await Deno.readLink(`/proc/${second}/ns/${kind}`), await Deno.readLink(`/proc/${first}/ns/${kind}`));
  }
  assert.match(await box.ok("exec", "second", "ps"), /sleep 1000\n.*sleep 2000/);
  assert.equal(await box.ok("exec", "second", "cat", "/etc/hostname"), "one");
});

test("--env-file and --label-file are read as docker reads them", async (box) => {
  await Deno.writeTextFile(`${box.folder}/env`, "# comment\nA=from file\n\nFROM_US\nNOT_SET_ANYWHERE\nB=2\n");
  await Deno.writeTextFile(`${box.folder}/labels`, "one=1\n# two=2\nthree\n");
  const flags = [
    "--env-file",
    `${box.folder}/env`,
    "-e",
    "B=3",
    "--label-file",
    `${box.folder}/labels`,
    "-l",
    "four=4",
  ];
  const args = [
    "run",
    "--network",
    "none",
    "--name",
    "files",
    ...flags,
    "busybox",
    "sh",
    "-c",
    'echo "$A,$B,$FROM_US,${NOT_SET_ANYWHERE-unset}"',
  ];
  const result = await box.sauropod(args, { env: { FROM_US: "ours" } });
  assert.deepEqual(result, { code: 0, stdout: "from file,3,ours,unset\n", stderr: "" });
  assert.equal(await box.inspect("files", "{{json .Config.Labels}}"), '{"four":"4","one":"1"}');
});

test("-v binds a folder, read-only if it says so", async (box) => {
  const folder = `${box.folder}/shared`;
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/file`, "of the host\n");
  const script = "cat /data/file; echo new > /data/made; echo no > /ro/x || true";
  const printed = await inside(box, ["-v", `${folder}:/data`, "-v", `${folder}:/ro:ro`], `(${script}) 2>&1`);
  assert.match(printed, /^of the host\n.*\/ro\/x: Read-only file system$/);
  assert.equal(await Deno.readTextFile(`${folder}/made`), "new\n");
  const mount = await inside(box, ["--mount", `type=bind,src=${folder},dst=/m,readonly`], "cat /m/file");
  assert.equal(mount, "of the host");
});

test("limits are in the control group, and in inspect", async (box) => {
  const flags = ["-m", "64m", "--cpus", "0.5", "--pids-limit", "20", "--cpu-shares", "512", "--cpuset-cpus", "0"];
  const id = await box.ok("run", "-d", ...flags, "busybox", "sleep", "1000");
  const template = "{{with .HostConfig}}{{.Memory}} {{.NanoCpus}} {{.PidsLimit}} {{.CpuShares}} {{.CpusetCpus}}{{end}}";
  assert.equal(await box.inspect(id, template), "67108864 500000000 20 512 0");
  assert.equal(
    await box.ok("exec", id, "sh", "-c", "grep Cpus_allowed_list /proc/self/status | tr -d '\\t'"),
    "Cpus_allowed_list:0",
  );
  assert.equal(
    await box.ok("stats", "--no-stream", "--format", "{{.MemUsage}}", id).then((text) => text.split(" / ")[1]),
    "64MiB",
  );
});

test("a process over its memory limit is killed: 137, OOMKilled, an oom event", async (box) => {
  const since = String(Date.now() / 1000);
  const script = "exec tail /dev/zero"; // keeps all it reads
  const { code } = await box.sauropod(["run", "--name", "hungry", "-m", "16m", "busybox", "sh", "-c", script]);
  assert.equal(code, 137);
  assert.equal(await box.inspect("hungry", "{{.State.OOMKilled}} {{.State.ExitCode}}"), "true 137");
  const events = await box.ok(
    "events",
    "--since",
    since,
    "--until",
    "0s",
    "--filter",
    "container=hungry",
    "--format",
    "{{.Action}}",
  );
  assert.deepEqual(events.split("\n").filter((action) => !["attach", "create", "start"].includes(action)), [
    "oom",
    "die",
  ]);
});

test("--pids-limit stops a fork bomb", async (box) => {
  const script = "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 5 & done; echo all";
  const { code, stdout, stderr } = await box.sauropod([
    "run",
    "--rm",
    "--pids-limit",
    "5",
    "busybox",
    "sh",
    "-c",
    script,
  ]);
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /can't fork/);
});

test("--cgroup-parent puts the container's group below that one", async (box) => {
  const id = await box.ok("run", "-d", "--cgroup-parent", "/sauropod-e2e", "busybox", "sleep", "1000");
  const groups = await Deno.readTextFile(`/proc/${await box.inspect(id, "{{.State.Pid}}")}/cgroup`);
  assert.match(groups, new RegExp(`:memory:/sauropod-e2e/${id}$|^0::/sauropod-e2e/${id}$`, "m"));
  await box.ok("rm", "-f", id);
});

test("the host image is this machine, copy-on-write", async (box) => {
  const marker = `${box.folder}/of-the-host`;
  await Deno.writeTextFile(marker, "host");
  const script = `cat ${marker}; echo changed > ${marker}; cat ${marker}`;
  assert.equal(await box.ok("run", "--rm", "host", "sh", "-c", script), "hostchanged");
  assert.equal(await Deno.readTextFile(marker), "host");
});

test("--platform of another machine is refused, our own accepted", async (box) => {
  const [own, other] = Deno.build.arch === "x86_64" ? ["amd64", "arm64"] : ["arm64", "amd64"];
  assert.equal(await box.ok("run", "--rm", "--platform", `linux/${own}`, "busybox", "echo", "ours"), "ours");
  const { code, stderr } = await box.sauropod(["run", "--platform", `linux/${other}`, "busybox", "true"]);
  assert.equal(code, 125);
  assert.match(stderr, /does not match the specified platform: wanted linux\/\w+, actual: linux\/\w+/);
});
