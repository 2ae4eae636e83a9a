/** What a container is given and shown when nobody asks for more. */
import assert from "node:assert/strict";
import { attackImage, staticProgram } from "../support/attack_image.ts";
import { pidOf, startSleeper } from "../support/containers.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox({}, { SECRET_OF_THE_ENGINE: "swordfish" });
const test = sandbox.test.bind(sandbox);

const starts: readonly { flags: string[] }[] = [
  { flags: [] },
  { flags: ["-i"] },
  { flags: ["-t"] },
  { flags: ["--init"] },
  { flags: ["--privileged"] },
  { flags: ["-u", "1000"] },
  { flags: ["--device", "/dev/full", "--sysctl", "net.ipv4.ip_forward=1", "-v", "/tmp:/x:ro"] },
  { flags: ["--network", "host", "--pid", "host", "--ipc", "host"] },
];

for (const { flags } of starts) {
  test(`no descriptor but 0, 1 and 2 is open with ${flags.join(" ") || "no flags"}`, async (box) => {
    // The listing itself opens one more, which is closed when it is looked at.
    const script = "for fd in /proc/self/fd/*; do readlink $fd >/dev/null && echo ${fd##*/}; done";
    const { stdout, stderr } = await box.sauropod(["run", "--rm", ...flags, "busybox", "sh", "-c", script]);
    assert.deepEqual(stdout.trim().split(/\s+/), ["0", "1", "2"], stderr);
  });
}

test("no descriptor but 0, 1 and 2 is open in an exec, in PID 1, in PID 1 of --init", async (box) => {
  for (const flags of [[], ["--init"]]) {
    await startSleeper(box, "open", ...flags);
    const listed = await box.ok("exec", "open", "sh", "-c", "ls /proc/self/fd/ | head -4");
    assert.deepEqual(listed.split("\n"), ["0", "1", "2", "3"]); // 3 is the folder that ls lists
    const pid = await pidOf(box, "open");
    const descriptors = [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) => name).sort();
    const targets = descriptors.map((fd) => Deno.readLinkSync(`/proc/${pid}/fd/${fd}`));
    // PID 1 of --init keeps a file in memory, and that is no way to anywhere.
    assert.deepEqual(targets.filter((target) => !/^\/memfd:init/.test(target)).length, flags.length === 0 ? 3 : 0);
    await box.ok("rm", "-f", "open");
  }
});

test("environment, signals, umask and folder are the container's, nothing of the engine's", async (box) => {
  const script = "tr '\\0' '\\n' < /proc/1/environ; umask; pwd; grep -E '^(NoNewPrivs|Groups)' /proc/1/status";
  const lines = (await box.ok("run", "--rm", "--hostname", "box", "-e", "A=b", "busybox", "sh", "-c", script)).split(
    "\n",
  );
  assert.deepEqual(lines.map((line) => line.trim()), [
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOSTNAME=box",
    "A=b",
    "HOME=/root",
    "0022",
    "/",
    "Groups:\t0 10",
    "NoNewPrivs:\t0",
  ]);
  const signals = await box.ok("run", "--rm", "busybox", "grep", "-E", "^Sig(Blk|Ign|Cgt)", "/proc/self/status");
  assert.deepEqual(signals.split("\n").map((line) => line.split("\t")[1]), Array(3).fill("0000000000000000"));
});

test("no secret of the engine's environment is to be found in /proc", async (box) => {
  const script = "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -c s[w]ordfish";
  assert.equal((await box.sauropod(["run", "--rm", "busybox", "sh", "-c", script])).stdout, "0\n");
  await startSleeper(box, "clean");
  const keeper = /^PPid:\s+(\d+)$/m.exec(Deno.readTextFileSync(`/proc/${await pidOf(box, "clean")}/status`))?.[1];
  assert.equal(Deno.readTextFileSync(`/proc/${keeper}/environ`), "");
  await box.ok("rm", "-f", "clean");
});

const MASKED = [
  ..."asound acpi interrupts kcore keys latency_stats timer_list timer_stats sched_debug scsi".split(" ")
    .map((name) => `/proc/${name}`),
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];
const READ_ONLY = ["bus", "fs", "irq", "sys", "sysrq-trigger"].map((name) => `/proc/${name}`);

test("masked paths are empty and cannot be written", async (box) => {
  const script = `for p in ${MASKED.join(" ")}; do
    [ -e $p ] || continue
    if [ -d $p ]; then echo $p: $(ls -A $p | wc -l) $(touch $p/x 2>/dev/null && echo written)
    else echo $p: $(head -c 10 $p | wc -c) $(test -f $p && echo a file); fi
  done`;
  const lines = (await box.ok("run", "--rm", "busybox", "sh", "-c", script)).split("\n");
  assert.ok(lines.length >= 4, lines.join("\n"));
  for (const line of lines) assert.match(line, /: 0 ?$/);
  const unmasked = await box.ok(
    "run",
    "--rm",
    "--security-opt",
    "systempaths=unconfined",
    "busybox",
    "sh",
    "-c",
    script,
  );
  assert.ok(unmasked.split("\n").some((line) => !/: 0 ?$/.test(line)), unmasked);
});

test("read-only paths refuse writes with EROFS, and can be read", async (box) => {
  const script = `for p in ${READ_ONLY.join(" ")}; do
    [ -e $p ] || continue
    if grep -q " $p proc ro" /proc/mounts; then echo $p ro; else echo $p WRITABLE; fi
  done
  echo x > /proc/sys/kernel/core_pattern; echo 1 > /proc/irq/default_smp_affinity; touch /sys/x
  cat /proc/sys/kernel/ostype`;
  const { stdout, stderr } = await box.sauropod(["run", "--rm", "busybox", "sh", "-c", script]);
  assert.ok(stdout.includes("/proc/sys ro\n"), stdout);
  assert.doesNotMatch(stdout, /WRITABLE/);
  assert.match(stdout, /\nLinux\n$/);
  assert.equal(stderr.match(/Read-only file system/g)?.length, 3, stderr);
});

test("neither mask nor read-only mount can be taken away", async (box) => {
  const script = "umount /proc/kcore; umount /proc/sys; mount -o remount,rw /proc/sys; mount -t proc p /tmp; " +
    "mount -o remount,rw /sys; mount -t tmpfs t /tmp; mount -t cgroup c /tmp; exit 0";
  const { stderr } = await box.sauropod(["run", "--rm", "busybox", "sh", "-c", script]);
  assert.equal(stderr.match(/not permitted|permission denied/gi)?.length, 7, stderr);
});

test("no-new-privileges: a set-user-ID program stays a plain one", async (box) => {
  const image = await attackImage(box, "set-user-id", async (root) => {
    await Deno.copyFile(await staticProgram("who_am_i"), `${root}/bin/who-am-i`);
    await Deno.chmod(`${root}/bin/who-am-i`, 0o4755);
  });
  const who = async (...flags: string[]) => await box.ok("run", "--rm", "-u", "1000", ...flags, image, "who-am-i");
  assert.match(await who(), /^euid 0\nCapEff:\t00000000a80425fb\nNoNewPrivs:\t0$/);
  assert.match(await who("--cap-drop", "ALL"), /^euid 0\nCapEff:\t0000000000000000\n/);
  for (const option of ["no-new-privileges", "no-new-privileges=true", "no-new-privileges:true"]) {
    assert.match(await who("--security-opt", option), /^euid 1000\nCapEff:\t0000000000000000\nNoNewPrivs:\t1$/);
  }
  assert.match(await who("--security-opt", "no-new-privileges=false"), /^euid 0\n/);
  await box.ok("run", "-d", "--name", "no-new", "--security-opt", "no-new-privileges", image, "sleep", "1000");
  assert.match(await box.ok("exec", "-u", "1000", "no-new", "who-am-i"), /^euid 1000\n/);
  await box.ok("rm", "-f", "no-new");
}, { command: "gcc" });

test("nothing of the host's mounts is left in the container", async (box) => {
  const mounts = (await box.ok("run", "--rm", "busybox", "cat", "/proc/self/mountinfo")).split("\n");
  const places = mounts.map((line) => line.split(" ")[4] ?? "");
  assert.deepEqual(
    places.filter((place) => !/^\/(|(proc|sys|dev)(\/.*)?|etc\/(hosts|hostname|resolv\.conf))$/.test(place)),
    [],
  );
  // None of them is in a peer group: nothing that is mounted here can appear elsewhere.
  assert.deepEqual(mounts.filter((line) => /\b(shared|master):/.test(line)), []);
});

test("none of the mounts of a container with devices, volumes and the host's IPC is in a peer group", async (box) => {
  const flags = ["--device", "/dev/full:/dev/f", "-v", "/tmp:/x", "--ipc", "host", "--privileged", "--network", "host"];
  const text = await box.ok("run", "--rm", ...flags, "busybox", "cat", "/proc/self/mountinfo");
  assert.deepEqual(text.split("\n").filter((line) => /\b(shared|master):/.test(line)), []);
});

test("the container's folder and the socket are closed to everybody else", async (box) => {
  for (const folder of [`${box.folder}/root`, `${box.folder}/run`]) {
    assert.equal((Deno.statSync(folder).mode ?? 0) & 0o007, 0, folder);
  }
  assert.equal(((await Deno.stat(box.socket)).mode ?? 0) & 0o777, 0o660);
  const abstract = Deno.readTextFileSync("/proc/net/unix").split("\n").filter((line) => /@.*sauropod/.test(line));
  assert.deepEqual(abstract, []);
});

test("the files of a container cannot be reached by another user of the host", async (box) => {
  await startSleeper(box, "closed");
  const id = await box.inspect("closed", "{{.Id}}");
  const listing = new Deno.Command("ls", { args: [`${box.folder}/root/containers/${id}`], uid: 65534, gid: 65534 });
  assert.notEqual((await listing.output()).code, 0);
  const merged = new Deno.Command("ls", {
    args: [`/proc/${await pidOf(box, "closed")}/root/`],
    uid: 65534,
    gid: 65534,
  });
  assert.notEqual((await merged.output()).code, 0);
  await box.ok("rm", "-f", "closed");
});

test("a process cannot put input into the terminal of its caller", async (box) => {
  const script = "exec 2>&1; echo x > /dev/console && echo wrote; ls -1 /dev/pts; tty";
  const { stdout } = await box.sauropod(["run", "--rm", "-t", "busybox", "sh", "-c", script]);
  assert.deepEqual(stdout.split("\r\n"), ["x", "wrote", "0", "ptmx", "/dev/pts/0", ""]);
});

test("variables of one container are not those of the next", async (box) => {
  await box.ok("run", "--rm", "-e", "TOKEN=hidden", "busybox", "true");
  assert.doesNotMatch(await box.ok("run", "--rm", "busybox", "env"), /TOKEN/);
});

test("secrets of the environment are not in the engine's log", async (box) => {
  await box.sauropod(["run", "--rm", "-e", "TOKEN=hidden-in-log", "busybox", "/no/such/command"]);
  for (const entry of Deno.readDirSync(`${box.folder}/run`)) {
    if (!entry.isFile) continue;
    assert.ok(!Deno.readTextFileSync(`${box.folder}/run/${entry.name}`).includes("hidden-in-log"), entry.name);
  }
});
