/** A container becomes an image: ours and docker's own command make it, and Docker's own daemon is asked what it got. */
import assert from "node:assert/strict";
import { run } from "../support/command.ts";
import { clientOf, leftovers, names } from "../support/crash.ts";
import { Dockerd } from "../support/dockerd.ts";
import { busyboxRootTar } from "../support/fixtures.ts";
import { type Sandbox, until } from "../support/sandbox.ts";
import { SharedSandbox } from "../support/shared_sandbox.ts";

const sandbox = new SharedSandbox();
const test = sandbox.test.bind(sandbox);

/** Something of every kind that a container can do to files that its image has, and to others. */
const DEEDS = `
  echo 'more:x:1:' >> /etc/group; rm /etc/shadow; chmod 711 /var/www; chown 12:34 /home
  rm -r /var/spool; mkdir /var/spool; echo new > /var/spool/new; rm -r /usr/sbin; echo file > /usr/sbin
  rm /usr/bin/env; mkdir /usr/bin/env; ln -s nowhere /usr/bin/env/dangling
  mkdir -p /srv/deep/er; chmod 2775 /srv/deep; echo x > /srv/x; ln /srv/x /srv/deep/y; ln -s ../x /srv/deep/link
  cp /bin/busybox /srv/tool; chown 1000:1001 /srv/tool; chmod 6755 /srv/tool; ln /srv/tool /srv/tool2; mkfifo /srv/pipe
  touch -d '2001-02-03 04:05:06' /srv/x; mknod /srv/null c 1 3; : >> /etc/passwd; echo gone > /tmp/gone; rm /tmp/gone
`;

/** Everything of a root that a container shows of itself, but for what is mounted in it. */
const SHOW = "cd /; find etc home srv usr var tmp | sort | " +
  `xargs stat -c '%N %f %u:%g %h %t:%T %Y' | grep -v -e '^etc ' -e etc/hosts -e etc/hostname -e etc/resolv -e etc/mtab; ` +
  "md5sum srv/x etc/group";

async function made(box: Sandbox, name: string, script: string, ...flags: string[]): Promise<void> {
  await box.ok("run", "--name", name, "--network", "none", ...flags, "busybox", "sh", "-ec", script);
}

const runIn = (box: Sandbox, image: string, script: string) =>
  box.ok("run", "--rm", "--network", "none", image, "sh", "-c", script);

async function config(box: Sandbox, image: string): Promise<Record<string, unknown>> {
  return JSON.parse(await box.inspect(image, "{{json .Config}}"));
}

test("commit makes an image of what a container has changed, with author, message and instructions", async (box) => {
  await made(
    box,
    "maker",
    "echo hello > /made",
    "-e",
    "A=1",
    "-l",
    "own=1",
    "-w",
    "/tmp",
    "--hostname",
    "box",
    "-v",
    "/data",
  );
  const changes = ['CMD ["cat", "/made"]', "ENV B=$A-2 PATH=/x:$PATH", "LABEL own=2", "EXPOSE 80", "USER 33"];
  const flags = ["-a", "Me <me@example.org>", "-m", "a reason", ...changes.flatMap((change) => ["-c", change])];
  const id = await box.ok("commit", ...flags, "maker", "made/image:1");
  assert.match(id, /^sha256:[0-9a-f]{64}$/);
  assert.equal(
    await box.inspect("made/image:1", "{{.Id}} {{.Author}} {{.Comment}}"),
    `${id} Me <me@example.org> a reason`,
  );
  assert.equal(await box.inspect("made/image:1", "{{.Parent}}"), await box.inspect("busybox", "{{.Id}}"));
  assert.deepEqual(await config(box, id), {
    Cmd: ["cat", "/made"],
    Env: ["A=1", "B=1-2", "PATH=/x:"],
    ExposedPorts: { "80/tcp": {} },
    Labels: { own: "2" },
    User: "33",
    Volumes: { "/data": {} },
    WorkingDir: "/tmp",
  });
  assert.equal(await box.ok("run", "--rm", "--network", "none", "-e", "PATH=/bin", "made/image:1"), "hello");
  const [first = "", second = ""] = (await box.ok("history", "--no-trunc", "made/image:1")).split("\n").slice(1);
  assert.match(first, new RegExp(`^${id} .*sh -ec echo hello > /made +6B +a reason$`));
  assert.match(second, /^<missing> .*Imported from -$/);
  await box.ok("rm", "-v", "maker");
});

test(
  "an image of a commit has what was made, changed, replaced and removed; a container of it has changed nothing",
  async (box) => {
    await made(box, "all", DEEDS);
    const upper = `${box.folder}/root/containers/${await box.inspect("all", "{{.Id}}")}/upper`;
    await run(["setcap", "cap_net_raw+ep", `${upper}/srv/x`]);
    await run(["setfattr", "-n", "user.note", "-v", "kept", `${upper}/srv/deep`]);
    const diff = await box.ok("diff", "all");
    await box.ok("commit", "all", "all:1");
    await box.ok("commit", "-c", `CMD ["sh", "-c", "sleep 1000"]`, "all", "all:sleeps");
    const shown = await runIn(box, "all:1", SHOW);
    const id = await box.ok("run", "-d", "--name", "shows", "--network", "none", "all:sleeps");
    assert.equal(await box.ok("diff", "shows"), "");
    const root = `/proc/${await box.inspect("shows", "{{.State.Pid}}")}/root`;
    assert.match(await run(["getcap", `${root}/srv/deep/y`]), /cap_net_raw/);
    assert.match(await run(["getfattr", "-n", "user.note", `${root}/srv/deep`]), /kept/);
    assert.match(shown, /^srv\/tool2 8ded 1000:1001 2 /m);
    for (const gone of ["/etc/shadow", "/var/spool/mail", "/tmp/gone"]) {
      assert.equal((await box.sauropod(["exec", id, "ls", gone])).code, 1, gone);
    }
    // What the layer does to its base is what the container did.
    const layers = (await box.inspect("all:1", "{{.GraphDriver.Data.UpperDir}}:{{.GraphDriver.Data.LowerDir}}")).split(
      ":",
    );
    const { changes } = await import("../../fs/changes.ts");
    const done = changes(layers[0] ?? "", layers.slice(1)).map(({ Kind, Path }) => `${"CAD"[Kind]} ${Path}`);
    assert.equal(done.join("\n"), diff);
    await box.ok("rm", "-f", "all", "shows");
  },
  { command: ["busybox", "setcap", "setfattr"] },
);

test(
  "Docker's daemon takes a committed image, shows the same files, and makes the same layer of the same deeds",
  async (box) => {
    await made(box, "for-docker", DEEDS);
    await box.ok("commit", "-m", "ours", "for-docker", "ours:1");
    const file = `${box.folder}/ours.tar`;
    await box.ok("save", "-o", file, "ours:1");
    await using dockerd = await Dockerd.start();
    const docker = async (...args: string[]) => {
      const { code, stdout, stderr } = await dockerd.docker(...args);
      assert.equal(code, 0, `docker ${args.join(" ")}: ${stderr}`);
      return stdout.trim();
    };
    assert.match(await docker("load", "-i", file), /Loaded image: ours:1/);
    const show = ["run", "--rm", "--network", "none", "ours:1", "sh", "-c", SHOW];
    assert.deepEqual((await docker(...show)).split("\n"), (await box.ok(...show)).split("\n"));
    assert.match(await docker("history", "ours:1"), /ours$/m);

    await docker("import", "-c", 'CMD ["sh"]', await busyboxRootTar(), "busybox:latest");
    await docker("run", "--name", "theirs", "--network", "none", "busybox", "sh", "-ec", DEEDS);
    await docker("commit", "-m", "ours", "theirs", "theirs:1");
    await docker("save", "-o", `${box.folder}/theirs.tar`, "theirs:1");
    assert.deepEqual(await topLayer(`${box.folder}/theirs.tar`), await topLayer(file));
    await box.ok("rm", "for-docker");
  },
  { command: ["busybox", "dockerd", "docker"] },
);

/** Mode, owner and name of each entry of the last layer in an archive; whiteouts by their name alone. */
async function topLayer(archive: string): Promise<string[]> {
  const [{ Layers }] = JSON.parse(await run(["tar", "-xOf", archive, "manifest.json"]));
  const list = await run(["sh", "-c", 'tar -xOf "$1" "$2" | tar --numeric-owner -tvf -', "sh", archive, Layers.at(-1)]);
  return list.split("\n").filter(Boolean).map((line) => {
    const [, mode, owner, name = ""] = /^(\S+) (\S+) .*? \d\d:\d\d (.*)$/.exec(line) ?? [];
    return name.includes(".wh.") ? name : `${mode?.slice(1)} ${owner} ${name.replace(/ link to .*/, "")}`;
  }).sort();
}

test("a commit of a commit adds a layer each time, and one of nothing changed none", async (box) => {
  await made(box, "one", "echo 1 > /one");
  await box.ok("commit", "-m", "first", "one", "chain:1");
  await box.ok("run", "--name", "two", "--network", "none", "chain:1", "sh", "-c", "rm /one; echo 2 > /two");
  await box.ok("commit", "-m", "second", "two", "chain:2");
  await box.ok("create", "--name", "three", "chain:2");
  await box.ok("commit", "-m", "third", "three", "chain:3");
  const layers = async (image: string) => JSON.parse(await box.inspect(image, "{{json .RootFS.Layers}}"));
  assert.equal((await layers("chain:2")).length, 3);
  assert.deepEqual(await layers("chain:3"), await layers("chain:2"));
  assert.equal(await runIn(box, "chain:3", "cat /two; ls /one 2>&1 || true"), "2\nls: /one: No such file or directory");
  assert.deepEqual((await box.ok("history", "--format", "{{.Comment}} {{.Size}}", "chain:3")).split("\n").slice(0, 3), [
    "third 0B",
    "second 2B",
    "first 2B",
  ]);
  const again = `${box.folder}/chain.tar`;
  await box.ok("save", "-o", again, "chain:3");
  const id = await box.inspect("chain:3", "{{.Id}}");
  await box.ok("rm", "one", "two", "three");
  await box.ok("rmi", "chain:3", "chain:2", "chain:1");
  assert.match(await box.ok("load", "-i", again), /chain:3/);
  assert.equal(await box.inspect("chain:3", "{{.Id}}"), id);
  await box.ok("rmi", "chain:3");
});

/** Milliseconds at which a container that counts has counted, and those at which events came. */
async function times(box: Sandbox, name: string): Promise<{ counted: number[]; events: [string, number][] }> {
  const lines = (await box.ok("logs", "-t", name)).split("\n");
  const until = String(Math.ceil(Date.now() / 1000) + 1);
  const events = await box.ok(
    "events",
    "--since",
    "0",
    "--until",
    until,
    "-f",
    `container=${name}`,
    "--format",
    "{{json .}}",
  );
  return {
    counted: lines.map((line) => Date.parse(line.split(" ")[0] ?? "")),
    events: events.split("\n").map((line) => JSON.parse(line)).map(({ Action, timeNano }) => [Action, timeNano / 1e6]),
  };
}

test("a container that runs stands still while its files are read, and with -p=false it does not", async (box) => {
  const count = "dd if=/dev/zero of=/big bs=1M count=150 2> /dev/null; while :; do echo .; sleep 0.01; done";
  for (const [name, flag] of [["stands", "-p"], ["goes-on", "-p=false"]] as const) {
    await box.ok("run", "-d", "--name", name, "--network", "none", "busybox", "sh", "-c", count);
    await until("it counts", async () => (await box.ok("logs", name)).length > 10);
    const before = Date.now();
    await box.ok("commit", flag, name, `${name}:1`);
    const after = Date.now();
    const { counted, events } = await times(box, name);
    assert.equal(await box.inspect(name, "{{.State.Status}}"), "running");
    const told = events.filter(([action]) => ["pause", "unpause", "commit"].includes(action));
    if (name === "stands") {
      const [[first, paused], [second, gone], [third]] = told as [[string, number], [string, number], [string, number]];
      assert.deepEqual([first, second, third], ["pause", "unpause", "commit"]);
      // The engine notes the time when it reads the line, which may be after the freeze.
      assert.deepEqual(counted.filter((time) => time > paused + 10 && time < gone - 2), []);
      assert.ok(gone - paused > 20, `it stood for ${gone - paused} ms`);
    } else {
      assert.deepEqual(told.map(([action]) => action), ["commit"]);
      assert.ok(counted.some((time) => time > before + 20 && time < after - 20), "it has not counted meanwhile");
    }
    assert.equal(await runIn(box, `${name}:1`, "wc -c < /big"), String(150 << 20));
    await box.ok("rm", "-f", name);
    await box.ok("rmi", `${name}:1`);
  }
});

test("what the user has paused stays so, and what a client gives up leaves nothing and lets the container go on", async (box) => {
  const count = "dd if=/dev/zero of=/big bs=1M count=100 2> /dev/null; while :; do echo .; sleep 0.01; done";
  await box.ok("run", "-d", "--name", "both", "--network", "none", "busybox", "sh", "-c", count);
  await until("it counts", async () => (await box.ok("logs", "both")).length > 10);
  const [images, layers] = [await box.ok("images", "-aq"), names(`${box.folder}/root/layers`)];
  await using engine = clientOf(box);
  for (const delay of [5, 30, 60, 120]) {
    const signal = AbortSignal.timeout(delay);
    await engine.containers.commit("both", { reference: "given-up:1", signal }).then(
      () => box.ok("rmi", "given-up:1"), // it was faster
      () => {},
    );
    await until("it runs", async () => await box.inspect("both", "{{.State.Status}}") === "running");
    const before = (await box.ok("logs", "both")).length;
    await until("it counts", async () => (await box.ok("logs", "both")).length > before);
  }
  const containers = (await box.ok("ps", "-aq", "--no-trunc")).split("\n");
  await until(
    "nothing is left",
    async () => await box.ok("images", "-aq") === images && leftovers(box, containers).length === 0,
  );
  assert.deepEqual(names(`${box.folder}/root/layers`).sort(), layers.sort());
  await box.ok("pause", "both");
  await box.ok("commit", "both", "both:1");
  assert.equal(await box.inspect("both", "{{.State.Status}}"), "paused");
  await box.ok("unpause", "both");
  await box.ok("rm", "-f", "both");
  await box.ok("rmi", "both:1");
});

test("commits, a stop and a removal at the same time wait for each other, and all come to their end", async (box) => {
  const big = "dd if=/dev/zero of=/big bs=1M count=60 2> /dev/null; echo done; exec sleep 1000";
  await box.ok("run", "-d", "--name", "busy", "--network", "none", "busybox", "sh", "-c", big);
  await until("it is done", async () => await box.ok("logs", "busy") === "done");
  const results = await Promise.all([
    ...[1, 2, 3].map((n) => box.sauropod(["commit", "busy", `busy:${n}`])),
    box.sauropod(["stop", "-t", "5", "busy"]),
  ]);
  assert.deepEqual(results.map(({ code }) => code), [0, 0, 0, 0], results.map(({ stderr }) => stderr).join());
  assert.equal(await box.inspect("busy", "{{.State.Status}}"), "exited");
  const [commit, removal] = await Promise.all([
    box.sauropod(["commit", "busy", "busy:4"]),
    box.sauropod(["rm", "-f", "busy"]),
  ]);
  assert.equal(removal.code, 0);
  for (const n of commit.code === 0 ? [1, 2, 3, 4] : [1, 2, 3]) {
    assert.equal(await runIn(box, `busy:${n}`, "wc -c < /big"), String(60 << 20));
    await box.ok("rmi", `busy:${n}`);
  }
});

test("commit refuses names, instructions and containers that are none, and the image host; nothing is left", async (box) => {
  await made(box, "refused", "echo x > /x");
  await box.ok("create", "--name", "of-host", "host", "true");
  const images = await box.ok("images", "-aq");
  const refusals: [args: string[], message: RegExp][] = [
    [
      ["refused", "UPPER"],
      /^Error response from engine: invalid reference format: repository name \(library\/UPPER\) must be lowercase/,
    ],
    [["refused", `a@sha256:${"a".repeat(64)}`], /cannot import digest reference/],
    [["refused", "host"], /the name host means the host itself/],
    [["-c", "RUN x", "refused"], /RUN is not a valid change command/],
    [["nothing-like-it"], /No such container: nothing-like-it/],
    [["of-host", "a"], /the image host .* cannot be committed; export gives its files/],
  ];
  for (const [args, message] of refusals) {
    const { code, stderr } = await box.sauropod(["commit", ...args]);
    assert.equal(code, 1);
    assert.match(stderr, message);
  }
  const usage = await box.sauropod(["container", "commit"]);
  assert.match(usage.stderr, /requires at least 1 (and at most 2 )?argument/);
  assert.equal(await box.ok("images", "-aq"), images);
  assert.deepEqual(names(`${box.folder}/root/staging`), []);
  await box.ok("rm", "refused", "of-host");
});

test("docker's own command commits, and the name leaves the image that had it", async (box) => {
  await made(box, "moving", "echo x > /x");
  const docker = async (...args: string[]) => {
    const { code, stdout, stderr } = await box.docker(args);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };
  const first = await docker("commit", "moving", "moved:1");
  const second = await docker("container", "commit", "-a", "me", "-m", "why", "-c", "LABEL a=b", "moving", "moved:1");
  assert.equal(
    await docker("inspect", "-f", "{{.Id}} {{.Author}} {{.Comment}} {{.Config.Labels}}", "moved:1"),
    `${second} me why map[a:b]`,
  );
  assert.equal(await docker("inspect", "-f", "{{.RepoTags}}", first), "[]");
  assert.match(await docker("images", "-f", "dangling=true", "-q", "--no-trunc"), new RegExp(first));
  assert.equal(await docker("run", "--rm", "--network", "none", second, "cat", "/x"), "x");
  await box.ok("rm", "moving");
  await box.ok("rmi", first, second);
}, { command: ["busybox", "docker"] });
