/** Images that want to get at the host: nothing of it is read or written, and the engine lives on. */
import assert from "node:assert/strict";
import { attackImage } from "../support/attack_image.ts";
import { run } from "../support/command.ts";
import { mountsOf, startSleeper } from "../support/containers.ts";
import { type Sandbox } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox();

/** A folder of the host that no container is given. */
let canary = "";
const CONTENT = "of the host alone\n";

/** A test after which canary and mount table are what they were. */
function test(name: string, fn: (box: Sandbox) => Promise<void>): void {
  sandbox.test(name, async (box) => {
    canary = `${box.folder}/canary`;
    await Deno.mkdir(`${canary}/sub`, { recursive: true });
    // What a start wants to find or make, so that it would be found here.
    for (const file of ["passwd", "hosts", "null", "sub/file"]) await Deno.writeTextFile(`${canary}/${file}`, CONTENT);
    const before = [state(canary), mountsOf(box)];
    await fn(box);
    assert.deepEqual([state(canary), mountsOf(box)], before);
    assert.equal(await box.ok("run", "--rm", "busybox", "echo", "alive"), "alive");
  });
}

/** Everything below a folder: names, types, modes, sizes, times, texts. */
function state(folder: string): string[] {
  return [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1).flatMap(({ name }) => {
    const path = `${folder}/${name}`;
    const { mode, mtime, ctime, size, isDirectory, isFile } = Deno.lstatSync(path);
    const text = isFile ? Deno.readTextFileSync(path) : "";
    return [[path, mode, mtime?.getTime(), ctime?.getTime(), size, text].join(" "), ...isDirectory ? state(path) : []];
  });
}

/** Ways for a link in an image to mean the host's canary, if somebody resolved it outside of the root. */
const ways = (): string[] => [canary, `../../../../../../../../../..${canary}`];

async function replaceByLink(path: string, target: string): Promise<void> {
  await Deno.remove(path, { recursive: true });
  await Deno.symlink(target, path);
}

const once = (flags: readonly string[] = []) => ["run", "--rm", ...flags];

for (const folder of ["proc", "dev", "sys"]) {
  test(`an image whose /${folder} is a link to the host, or a file, is refused`, async (box) => {
    for (const way of ways()) {
      const image = await attackImage(box, `linked-${folder}`, (root) => replaceByLink(`${root}/${folder}`, way));
      const { code, stdout, stderr } = await box.sauropod([...once(), image, "echo", "ran"]);
      assert.deepEqual([code, stdout], [125, ""], stderr);
      assert.match(stderr, new RegExp(`the image is refused: its /${folder} is a symbolic link or a file`));
    }
    const image = await attackImage(box, `file-${folder}`, async (root) => {
      await Deno.remove(`${root}/${folder}`);
      await Deno.writeTextFile(`${root}/${folder}`, "");
    });
    assert.equal((await box.sauropod([...once(["--privileged"]), image, "echo", "ran"])).code, 125);
  });
}

test("an image whose /etc is a link to the host, or into /proc, gets nothing of the host", async (box) => {
  for (const way of [...ways(), "/proc/sys", "/proc/1", "proc/../proc"]) {
    const image = await attackImage(box, "linked-etc", (root) => replaceByLink(`${root}/etc`, way));
    const { stdout } = await box.sauropod([...once(), image, "cat", "/etc/passwd", "/etc/hosts"]);
    assert.doesNotMatch(stdout, /of the host/, way);
  }
});

for (const name of ["hosts", "resolv.conf"]) {
  test(`an /etc/${name} that leads nowhere or to the host's is covered, one into /proc refused`, async (box) => {
    for (
      const way of [...ways().map((path) => `${path}/hosts`), "../run/systemd/resolve/stub-resolv.conf", "no/where"]
    ) {
      const image = await attackImage(box, "linked-file", (root) => Deno.symlink(way, `${root}/etc/${name}`));
      const { stdout, stderr, code } = await box.sauropod([...once(), image, "cat", `/etc/${name}`]);
      assert.equal(code, 0, `${way}: ${stderr}`);
      assert.doesNotMatch(stdout, /of the host/);
      assert.notEqual(stdout, "");
    }
    for (const way of ["/proc/sys/kernel/core_pattern", "../proc/self/environ", "/proc/1/mem"]) {
      const image = await attackImage(box, "linked-file", (root) => Deno.symlink(way, `${root}/etc/${name}`));
      const { code, stderr } = await box.sauropod([...once(), image, "true"]);
      assert.equal(code, 125);
      assert.match(stderr, /leads into \/proc, and nothing can be mounted there/);
    }
  });
}

test("a working directory that is a link to the host is not entered", async (box) => {
  for (const way of ways()) {
    const image = await attackImage(box, "linked-cwd", (root) => Deno.symlink(way, `${root}/work`), ["WORKDIR /work"]);
    const { code, stdout, stderr } = await box.sauropod([...once(), image, "sh", "-c", "cat passwd; ls"]);
    assert.equal(stdout, "");
    assert.notEqual(code, 0);
    assert.match(stderr, /chdir to cwd \("\/work"\)/);
    assert.notEqual((await box.sauropod([...once(["-w", "/work/sub"]), image, "pwd"])).code, 0);
  }
});

test("-w through the links of /proc leads nowhere", async (box) => {
  const image = await attackImage(box, "linked-proc", async (root) => {
    await Deno.symlink("/proc/self/fd", `${root}/fds`);
    await Deno.symlink("/proc/self/fd/12", `${root}/fd12`);
  });
  await box.ok("run", "-d", "--name", "fds", image, "sleep", "1000");
  const folders = [
    ...Array.from({ length: 40 }, (_, fd) => `/proc/self/fd/${fd}`),
    ...Array.from({ length: 12 }, (_, fd) => `/fds/${fd}/../../../..`),
    ...["/fd12", "/proc/self/cwd", "/proc/self/root", "/proc/1/root/../../..", "/proc/1/cwd", "/proc/self/exe"],
  ];
  for (let i = 0; i < folders.length; i += 8) {
    await Promise.all(
      folders.slice(i, i + 8).map(async (folder) => {
        for (const verb of [["run", "--rm", "-w", folder, image], ["exec", "-w", folder, "fds"]]) {
          const { stdout, code } = await box.sauropod([...verb, "sh", "-c", "pwd; ls .. ../.. ../../.. | grep canary"]);
          assert.deepEqual([stdout.includes("canary"), code === 0], [false, false], `${verb.join(" ")}: ${stdout}`);
        }
      }),
    );
  }
  await box.ok("rm", "-f", "fds");
});

const accounts: readonly { name: string; make: (path: string) => Promise<unknown> }[] = [
  { name: "a FIFO", make: (path) => run(["mkfifo", path]) },
  { name: "a device", make: (path) => run(["mknod", path, "c", "1", "5"]) },
  { name: "a terminal", make: (path) => run(["mknod", path, "c", "5", "0"]) },
  { name: "a folder", make: (path) => Deno.mkdir(path) },
  { name: "a link to itself", make: (path) => Deno.symlink("passwd", path) },
  { name: "a link to the kernel's log", make: (path) => Deno.symlink("/proc/kmsg", path) },
  { name: "a link to its variables", make: (path) => Deno.symlink("/proc/1/environ", path) },
  { name: "a link to /proc/self", make: (path) => Deno.symlink("/proc/self/environ", path) },
  { name: "a link to memory", make: (path) => Deno.symlink("/proc/1/mem", path) },
  { name: "a link to the host's", make: (path) => Deno.symlink(`${canary}/passwd`, path) },
  { name: "a link to the host's by ..", make: (path) => Deno.symlink(`../../../../../../..${canary}/passwd`, path) },
  { name: "100 MB of one line", make: (path) => Deno.writeFile(path, new Uint8Array(100e6).fill(0x61)) },
  { name: "10 MB of empty lines", make: (path) => Deno.writeFile(path, new Uint8Array(10e6).fill(0x0a)) },
];

for (const { name, make } of accounts) {
  test(`/etc/passwd is ${name}: the container starts as root, an unknown user is refused`, async (box) => {
    const image = await attackImage(box, "hostile-passwd", async (root) => {
      for (const file of ["passwd", "group"]) {
        await Deno.remove(`${root}/etc/${file}`);
        await make(`${root}/etc/${file}`);
      }
    });
    await box.ok("run", "-d", "--name", "victim", image, "sleep", "1000");
    assert.match(await box.ok("exec", "-u", "0", "victim", "grep", "^Uid:", "/proc/self/status"), /^Uid:\t0\t/);
    assert.match(await box.ok("exec", "-u", "12:34", "victim", "grep", "^Gid:", "/proc/self/status"), /^Gid:\t34\t/);
    const unknown = await box.sauropod(["exec", "-u", "operator", "victim", "true"]);
    assert.notEqual(unknown.code, 0);
    assert.match(unknown.stderr + unknown.stdout, /unable to find user operator/);
    await box.ok("rm", "-f", "victim");
    const refused = await box.sauropod([...once(["-u", "operator"]), image, "true"]);
    assert.equal(refused.code, 125);
    assert.match(refused.stderr, /unable to find user operator/);
    await box.ok("rmi", image);
  });
}

test("numbers in /etc/passwd that wrap, and names that are numbers, make nobody root", async (box) => {
  const lines = [
    "1000:x:0:0::/:/bin/sh",
    "wraps:x:4294967296:0::/:/bin/sh",
    "negative:x:-1:0::/:/bin/sh",
    "large:x:2147483648:0::/:/bin/sh",
    "hex:x:0x0:0::/:/bin/sh",
    "empty:x:::::",
  ];
  const image = await attackImage(
    box,
    "wrapping",
    (root) => Deno.writeTextFile(`${root}/etc/passwd`, lines.join("\n")),
  );
  assert.match(await box.ok("run", "--rm", "-u", "1000", image, "id"), /^uid=1000 gid=0/);
  for (const user of ["wraps", "negative", "large", "hex", "empty"]) {
    const { code, stdout } = await box.sauropod([...once(["-u", user]), image, "id"]);
    assert.deepEqual([code, stdout], [125, ""], user);
  }
});

test("a USER of the image that is no number of a user is refused", async (box) => {
  for (const user of ["4294967296", "-1", "2147483648:0", "0:4294967296"]) {
    const image = await attackImage(box, "bad-user", () => {}, [`USER ${user}`]);
    const { code, stdout } = await box.sauropod([...once(), image, "id"]);
    assert.deepEqual([code, stdout], [125, ""], user);
  }
});

test("mounts over /proc are refused, by name and by a link of the image", async (box) => {
  const image = await attackImage(box, "proc-links", async (root) => {
    await Deno.symlink("/proc", `${root}/p`);
    await Deno.symlink("proc/sys", `${root}/s`);
    await Deno.symlink("../../../../proc", `${root}/etc/up`);
  });
  const targets = [
    "/proc",
    "/proc/",
    "/./proc",
    "//proc//self",
    "/proc/sys/kernel",
    "/p",
    "/s",
    "/s/kernel",
    "/etc/up",
  ];
  for (const target of targets) {
    for (const mount of [["-v", `${canary}/sub:${target}`], ["--tmpfs", target]]) {
      const { code, stdout, stderr } = await box.sauropod([...once(mount), image, "echo", "ran"]);
      assert.deepEqual([code, stdout], [125, ""], mount.join(" "));
      assert.match(stderr, /\/proc/);
    }
  }
  const device = await box.sauropod([...once(["--device", "/dev/null:/p/version"]), image, "echo", "ran"]);
  assert.deepEqual([device.code, device.stdout], [125, ""]);
  const dots = await box.sauropod([...once(["-v", `${canary}/sub:/a/../proc`]), image, "echo", "ran"]);
  assert.deepEqual([dots.code, dots.stdout], [125, ""]);
});

test("a volume target that is a link to the host lands in the container", async (box) => {
  for (const way of ways()) {
    const image = await attackImage(box, "linked-target", async (root) => {
      await Deno.mkdir(`${root}${canary}/sub`, { recursive: true });
      await Deno.symlink(`${way}/sub`, `${root}/target`);
    });
    const source = `${box.folder}/source`;
    await Deno.mkdir(source, { recursive: true });
    await Deno.writeTextFile(`${source}/mark`, "");
    assert.equal(
      await box.ok("run", "--rm", "-v", `${source}:/target`, image, "ls", "/target", `${canary}/sub`),
      [
        ...["/target:", "mark", "", `${canary}/sub:`, "mark"],
      ].join("\n"),
    );
  }
});

test("volumes of the image with .. in them make nothing on the host", async (box) => {
  for (const volume of ["/../../../x", `/..${canary}/made`, "../../x", "/proc/x", `/a/../../..${canary}/made`]) {
    const image = await attackImage(box, "dotted-volume", () => {}, [`VOLUME ["${volume}"]`]);
    await box.sauropod([...once(), image, "true"]);
  }
});

test("labels and variables of an image are no orders for the engine", async (box) => {
  const labels = [
    ...["io.containerd.runc.v2.binary=/bin/evil", "com.docker.compose.project=x", "sauropod.privileged=true"],
    ...["io.podman.annotations.privileged=TRUE", "io.kubernetes.cri-o.userns-mode=host", "privileged=true"],
  ];
  const changes = [
    ...labels.map((label) => `LABEL ${label}`),
    ...["SAUROPOD_ROOT=/x", "SAUROPOD_HOST=unix:///x", "LD_PRELOAD=/evil.so", "DENO_DIR=/x"].map((v) => `ENV ${v}`),
  ];
  const image = await attackImage(box, "labelled", () => {}, changes);
  await box.ok("create", "--name", "labelled", image, "true");
  await box.ok("create", "--name", "plain", "busybox", "true");
  const hostConfig = (name: string) => box.inspect(name, "{{json .HostConfig}}");
  assert.equal(await hostConfig("labelled"), await hostConfig("plain"));
  const caps = ["grep", "CapEff", "/proc/self/status"];
  assert.equal(await box.ok("run", "--rm", image, ...caps), await box.ok("run", "--rm", "busybox", ...caps));
  await box.ok("rm", "labelled", "plain");
});

test("device nodes of an image are of no use", async (box) => {
  const image = await attackImage(box, "with-nodes", async (root) => {
    await run(["mknod", `${root}/kmsg`, "c", "1", "11"]);
    await run(["mknod", `${root}/mem`, "c", "1", "1"]);
    await run(["mknod", `${root}/dev/kmsg`, "c", "1", "11"]);
  });
  const { stdout, stderr } = await box.sauropod([
    ...[...once(), image, "sh", "-c", "true > /kmsg; head -c 1 /mem; ls /dev/kmsg"],
  ]);
  assert.equal(stdout, "");
  assert.match(stderr, /\/kmsg: Operation not permitted[^]*\/mem: Operation not permitted[^]*No such file/);
});

test("a PATH with very many folders is no burden for the engine", async (box) => {
  const start = performance.now();
  const same = await box.sauropod([...once(["-e", `PATH=${"/a:".repeat(40_000)}/bin`]), "busybox", "true"]);
  assert.equal(same.code, 0);
  const many = `PATH=${Array.from({ length: 20_000 }, (_, i) => `/${i}`).join(":")}:/bin`;
  const { code, stderr } = await box.sauropod([...once(["-e", many]), "busybox", "true"]);
  assert.equal(code, 125);
  assert.match(stderr, /PATH names 20001 folders, more than 1000/);
  await startSleeper(box, "meanwhile");
  await box.ok("rm", "-f", "meanwhile");
  assert.ok(performance.now() - start < 10_000);
});
